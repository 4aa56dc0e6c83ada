package suggest

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"pid", "tid", "nsecs", "kstack", "ustack", "filename", "print", "printf"}
	for _, test := range []struct{ name, want string }{
		{"nescs", "nsecs"},
		{"filname", "filename"},
		{"prnt", "print"},
		{"prinft", "printf"}, // a swap, rather than the lost letter of print
		{"PID", "pid"},
		{"kstak", "kstack"},
		{"zzz", ""},
		{"x", ""},
		{"", ""},
	} {
		if got := Nearest(test.name, names); got != test.want {
			t.Errorf("Nearest(%q) = %q, want %q", test.name, got, test.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "", 3}, {"abc", "abd", 1}, {"ab", "ba", 1}, {"kitten", "sitting", 3}} {
		if got := Distance(test.a, test.b); got != test.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
