package probes

import "testing"

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"*", "", true}, {"*", "a:b/c", true}, {"", "", true}, {"", "a", false},
		{"abc", "abc", true}, {"abc", "abcd", false}, {"a*c", "abbc", true}, {"a*c", "abcd", false},
		{"*exec*", "sys_enter_execve", true}, {"*a*a*", "a", false}, {"*a*a*", "xaxa", true},
		{"sys_e[nx]*_read", "sys_exit_read", true}, {"sys_e[nx]*_read", "sys_eat_read", false},
		{"[a-c]x", "bx", true}, {"[a-c]x", "dx", false}, {"[!a-c]x", "dx", true}, {"[!a-c]x", "ax", false},
		{"a?c", "abc", true}, {"a?c", "ac", false}, {"[", "[", true}, {"a[]b", "a[]b", true}, {"[a", "[a", true},
		{"*a*b*c*d*e*f*g*h", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	}
	for _, test := range tests {
		if got := glob(test.pattern).match(test.name); got != test.want {
			t.Errorf("%q matches %q: %v", test.pattern, test.name, got)
		}
	}
}

func TestWild(t *testing.T) {
	for text, want := range map[string]bool{"a": false, "a*": true, "?": true, "[ab]": true, "operator[]": false, "a[": false, "]a[": false} {
		if wild(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func TestParseNumber(t *testing.T) {
	tests := []struct {
		text string
		want uint64
		err  error
	}{
		{"0", 0, nil}, {"100", 100, nil}, {"1e6", 1e6, nil}, {"0x10", 16, nil}, {"0b11", 3, nil}, {"010", 8, nil},
		{"1_000", 1000, nil}, {"10ms", 10e6, nil}, {"1s", 1e9, nil}, {"2m", 120e9, nil}, {"1h", 3600e9, nil}, {"1d", 86400e9, nil},
		{"5us", 5000, nil}, {"7ns", 7, nil}, {"7ull", 7, nil}, {"18446744073709551615", 1<<64 - 1, nil},
		{"18446744073709551616", 0, errRange}, {"9e30", 0, errRange}, {"999999999999d", 0, errRange},
		{"", 0, errNumber}, {"x", 0, errNumber}, {"1x", 0, errNumber}, {"-1", 0, errNumber}, {"1e", 0, errNumber},
		{"0x", 0, errNumber}, {"1e999", 0, errNumber}, {"089", 0, errNumber},
	}
	for _, test := range tests {
		got, err := parseNumber(test.text)
		if got != test.want || err != test.err {
			t.Errorf("%q: %d, %v", test.text, got, err)
		}
	}
}
