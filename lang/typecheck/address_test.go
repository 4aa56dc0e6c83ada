package typecheck

import (
	"bytes"
	"net/netip"
	"testing"
)

// TestParseAddress compares with the standard library.
func TestParseAddress(t *testing.T) {
	for _, text := range []string{
		"127.0.0.1", "0.0.0.0", "255.255.255.255", "256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.+4", "",
		"::", "::1", "1::", "fe80::1", "2001:db8::8a2e:370:7334", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7",
		"::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1.2.3.4::", "1::2::3", ":::", "12345::", "g::", "::1%lo", "1:", ":1", "1:2:3:4:5:6:7::",
		"1:2:3:4:5:6:7::8", "::+1",
	} {
		want, err := netip.ParseAddr(text)
		valid := err == nil && want.Zone() == ""
		got, ok := parseAddress(text)
		if ok != valid || ok && !bytes.Equal(got, want.AsSlice()) {
			t.Errorf("parseAddress(%q) = %v, %v; want %v, %v", text, got, ok, want, err)
		}
	}
}
