package typecheck

import (
	"strconv"
	"strings"
)

// parseAddress returns the bytes of an IPv4 or IPv6 address in network order.
// The front end stays clear of package net and whatever comes with it.
func parseAddress(text string) ([]byte, bool) {
	if strings.Contains(text, ":") {
		return parseIPv6(text)
	}
	return parseIPv4(text)
}

// parseIPv4 takes four decimal numbers without leading zeros.
func parseIPv4(text string) ([]byte, bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 {
		return nil, false
	}
	out := make([]byte, 0, 4)
	for _, p := range parts {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || p[0] == '+' || len(p) > 1 && p[0] == '0' {
			return nil, false
		}
		out = append(out, byte(n))
	}
	return out, true
}

// parseIPv6 takes up to eight hexadecimal groups, one gap "::", and an IPv4
// address in place of the last two groups.
func parseIPv6(text string) ([]byte, bool) {
	head, tail, gap := strings.Cut(text, "::")
	front, ok := parseGroups(head, !gap)
	if !ok {
		return nil, false
	}
	if !gap {
		return front, len(front) == 16
	}
	back, ok := parseGroups(tail, true)
	if !ok || len(front)+len(back) > 14 {
		return nil, false
	}
	out := make([]byte, 16)
	copy(out, front)
	copy(out[16-len(back):], back)
	return out, true
}

// parseGroups takes groups between single colons; last says that the text ends
// the address, where an IPv4 address may stand.
func parseGroups(text string, last bool) ([]byte, bool) {
	if text == "" {
		return nil, true
	}
	var out []byte
	groups := strings.Split(text, ":")
	for i, g := range groups {
		if last && i == len(groups)-1 && strings.Contains(g, ".") {
			v4, ok := parseIPv4(g)
			return append(out, v4...), ok
		}
		n, err := strconv.ParseUint(g, 16, 16)
		if err != nil || len(g) > 4 {
			return nil, false
		}
		out = append(out, byte(n>>8), byte(n))
	}
	return out, len(out) <= 16
}
