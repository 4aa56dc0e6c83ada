package cdef

import "strings"

// unary reads an operand with what stands before it.
func (e *evaluator) unary() number {
	if e.depth++; e.depth > maxDepth {
		return e.fail()
	}
	defer func() { e.depth-- }()
	t := e.next()
	switch t.kind {
	case numberToken:
		if n, ok := parseNumber(t.text); ok {
			return n
		}
	case charToken:
		if n, ok := parseChar(t.text); ok {
			return n
		}
	case identToken:
		if t.text == "sizeof" {
			return e.sizeOf()
		}
		if e.names != nil {
			if v, ok := e.names(t.text); ok {
				return signed(v)
			}
		}
	case punctToken:
		return e.prefix(t.text)
	}
	return e.fail()
}

func (e *evaluator) prefix(op string) number {
	switch op {
	case "(":
		if size, unsigned, ok := e.typeName(); ok {
			return convert(e.unary(), size, unsigned)
		}
		x := e.conditional()
		e.expect(")")
		return x
	case "+":
		return e.unary()
	case "-":
		x := e.unary()
		x.bits = -x.bits
		return x.cut()
	case "~":
		x := e.unary()
		x.bits = ^x.bits
		return x.cut()
	case "!":
		if e.unary().isZero() {
			return signed(1)
		}
		return signed(0)
	}
	return e.fail()
}

// sizeOf reads "sizeof(type)" of a type that is no record.
func (e *evaluator) sizeOf() number {
	e.expect("(")
	size, _, ok := e.typeName()
	if !ok {
		return e.fail()
	}
	return number{bits: uint64(size), unsigned: true}
}

// typeName reads the rest of "(type)" if the parenthesis that was read opens
// one.
func (e *evaluator) typeName() (size int, unsigned, ok bool) {
	n := 0
	var words []string
	for n < len(e.toks) && e.toks[n].kind == identToken {
		words = append(words, e.toks[n].text)
		n++
	}
	pointer := false
	for len(words) > 0 && n < len(e.toks) && e.toks[n].text == "*" {
		pointer = true
		n++
	}
	if n >= len(e.toks) || e.toks[n].text != ")" {
		return 0, false, false
	}
	if size, unsigned, ok = basicType(words); !ok && !pointer {
		return 0, false, false
	}
	e.toks = e.toks[n+1:]
	if pointer {
		return 8, true, true
	}
	return size, unsigned, true
}

// basicType returns the size of an integer type that is written with the words
// of C or a typedef that every Linux has.
func basicType(words []string) (size int, unsigned, ok bool) {
	size = 4
	for _, w := range words {
		switch w {
		case "const", "volatile", "signed", "int", "__force":
		case "unsigned":
			unsigned = true
		case "char":
			size = 1
		case "short":
			size = 2
		case "long":
			size = 8
		default:
			if len(words) != 1 {
				return 0, false, false
			}
			return typedefSize(w)
		}
	}
	return size, unsigned, len(words) > 0
}

// typedefSize reads the size out of a name such as "__u32" or "uint8_t".
func typedefSize(name string) (size int, unsigned, ok bool) {
	switch name {
	case "size_t", "uintptr_t", "__kernel_size_t":
		return 8, true, true
	case "ssize_t", "ptrdiff_t", "intptr_t", "loff_t", "off_t":
		return 8, false, true
	case "gfp_t", "fmode_t":
		return 4, true, true
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "__"), "_t")
	for prefix, unsigned := range map[string]bool{"uint": true, "int": false, "u": true, "s": false, "le": true, "be": true} {
		switch digits, found := strings.CutPrefix(name, prefix); {
		case !found:
		case digits == "8":
			return 1, unsigned, true
		case digits == "16":
			return 2, unsigned, true
		case digits == "32":
			return 4, unsigned, true
		case digits == "64":
			return 8, unsigned, true
		}
	}
	return 0, false, false
}

// convert casts a number to an integer type. Types below int are promoted at
// once.
func convert(n number, size int, unsigned bool) number {
	switch size {
	case 8:
		n.narrow, n.unsigned = false, unsigned
		return n
	case 4:
		n.narrow, n.unsigned = true, unsigned
		return n.cut()
	}
	width := 64 - 8*size
	if unsigned {
		n.bits = n.bits << width >> width
	} else {
		n.bits = uint64(int64(n.bits<<width) >> width)
	}
	n.narrow, n.unsigned = true, false
	return n
}
