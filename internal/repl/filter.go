package repl

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
)

// filter limits the clauses that are entered to what .target says.
type filter struct {
	kind, value string
	pid         int
	cgroup      uint64 // the number of the directory is that of the group
}

// newFilter makes the filter of ".target kind value".
func newFilter(kind, value string) (filter, error) {
	f := filter{kind: kind, value: value}
	switch kind {
	case "pid":
		pid, err := strconv.Atoi(value)
		if err != nil || pid <= 0 {
			return filter{}, fail("%q is not a process id", value)
		}
		if missing("/proc/" + value) {
			return filter{}, fail("there is no process %d", pid)
		}
		f.pid = pid
	case "comm":
		if value == "" {
			return filter{}, fail(".target comm needs a name")
		}
	case "cgroup":
		var info unix.Stat_t
		if err := unix.Stat(value, &info); err != nil {
			return filter{}, fail("there is no control group %s", value).withHint("give its directory, as in /sys/fs/cgroup/system.slice")
		}
		f.cgroup = info.Ino
	default:
		return filter{}, fail("unknown target %q", kind).withHint(".target takes pid, comm or cgroup, or off")
	}
	return f, nil
}

// condition is the filter as a predicate.
func (f filter) condition() string {
	switch f.kind {
	case "pid":
		return fmt.Sprintf("pid == %d", f.pid)
	case "comm":
		return "comm == " + strconv.Quote(f.value)
	case "cgroup":
		return "cgroup == " + strconv.FormatUint(f.cgroup, 10)
	}
	return ""
}

func (f filter) String() string {
	if f.kind == "" {
		return "everything"
	}
	return f.kind + " " + f.value
}

// apply writes the filter into a clause's predicate, so that the clause says
// itself what it does, and returns the process it depends on. Blocks that no
// process triggers are left alone.
func (f filter) apply(text string) (string, int) {
	if f.kind == "" {
		return text, 0
	}
	set := &source.Set{}
	file, list := parser.Parse(set, set.Add("", text))
	if list.HasErrors() {
		return text, 0
	}
	pid := 0
	blocks := file.Probes()
	for i := len(blocks) - 1; i >= 0; i-- { // from the end: offsets stay right
		p := blocks[i]
		if timer(p) {
			continue
		}
		pid = f.pid
		if p.Pred == nil {
			at := p.Body.Span.Off
			text = text[:at] + "/" + f.condition() + "/ " + text[at:]
			continue
		}
		span := p.Pred.Pos()
		text = text[:span.Off] + f.condition() + " && (" + text[span.Off:span.End] + ")" + text[span.End:]
	}
	return text, pid
}

// timer reports whether a block is run by gotrace itself.
func timer(p *ast.Probe) bool {
	for _, at := range p.Points {
		if len(at.Parts) == 0 {
			return false
		}
		switch at.Parts[0].Text {
		case "begin", "BEGIN", "end", "END", "interval", "i", "self":
			return true
		}
	}
	return false
}
