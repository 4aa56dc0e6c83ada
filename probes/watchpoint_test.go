package probes_test

import "testing"

func TestWatchpointsAndSelf(t *testing.T) {
	w := pinned(t)
	for text, want := range map[string]string{
		"watchpoint:0x1000:8:rw": "watchpoint:0x1000:8:rw 3 8",
		"w:0x1001:1:x":           "watchpoint:0x1001:1:x 4 1",
		"w:0x1000:4:r":           "watchpoint:0x1000:4:r 3 4",
		"w:0x1001:4:w":           "the address of a watchpoint of 4 bytes must be a multiple of that",
		"w:0x1000:3:w":           `a watchpoint cannot have a length of "3"`,
		"w:0x1000:4:wx":          "a watchpoint cannot watch for execution and for access",
		"w:0x1000:4:ww":          `"ww" is not a mode of a watchpoint`,
		"w:there:4:w":            `the address is not a number: "there"`,
		"self:signal:SIGUSR1":    "self:signal:SIGUSR1 0 0",
		"self:signal:SIGKILL":    `self:signal does not take "SIGKILL"`,
		"self:other:SIGUSR1":     "there is no self:other",
	} {
		points, err := w.Points(spec(text))
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			a := points[0].Attach
			got = points[0].Name + " " + string(rune('0'+a.PerfConfig)) + " " + string(rune('0'+a.Length))
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
}
