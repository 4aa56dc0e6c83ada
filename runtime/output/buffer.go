package output

// appendEscaped appends a buffer as %r prints it: printable ASCII as it is and
// every other byte as \x00.
func appendEscaped(dst, b []byte) []byte {
	for _, c := range b {
		if c >= ' ' && c <= '~' {
			dst = append(dst, c)
		} else {
			dst = append(dst, '\\', 'x', lowerDigits[c>>4], lowerDigits[c&15])
		}
	}
	return dst
}

// appendEscapedAll appends a buffer as %rx prints it.
func appendEscapedAll(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, '\\', 'x', lowerDigits[c>>4], lowerDigits[c&15])
	}
	return dst
}

// appendSpaced appends a buffer as %rh prints it.
func appendSpaced(dst, b []byte) []byte {
	for i, c := range b {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, lowerDigits[c>>4], lowerDigits[c&15])
	}
	return dst
}
