package repl

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

func dataCommands() []command {
	return []command{
		{name: "maps", brief: "list the maps with their types, keys and memory", run: cmdMaps},
		{name: "print", args: "@x", brief: "print a map; a query prints too", arg: argMap, run: cmdPrint},
		{name: "top", args: "@x [N]", brief: "print the N greatest, the greatest first, with their share", arg: argMap, run: cmdTop},
		{name: "hist", args: "@x", brief: "print a histogram, or the distribution of a map's values", arg: argMap, run: cmdHist},
		{name: "rate", args: "@x", brief: "print what was added per second since it was asked last", arg: argMap, run: cmdRate},
		{name: "diff", args: "@x [NAME]", brief: "print what changed since a .snap", arg: argMap, run: cmdDiff},
		{name: "snap", args: "NAME", brief: "remember what all maps hold now", run: cmdSnap},
		{name: "clear", args: "@x", brief: "empty a map; @* empties all", arg: argMap, run: cmdClear},
		{name: "watch", args: "INTERVAL [TIMES] COMMAND", brief: "repeat a command or query, redrawn in place", arg: argCommand, run: cmdWatch,
			more: "Keys: space pauses, c clears the map, s changes the order, q quits; so does Ctrl-C.\nExample: .watch 1s .top @n 5"},
		{name: "export", args: "json|csv FILE", brief: "write all maps to a file", arg: argFile, run: cmdExport},
	}
}

// snapshot is what all maps held at a moment.
type snapshot struct {
	name  string
	at    time.Time
	shots map[string]*shot
}

func cmdMaps(_ context.Context, c *console, _ string) error {
	infos := c.engine.session.MapInfos()
	if len(infos) == 0 {
		c.screen.Print("no maps yet\n")
		return nil
	}
	var b strings.Builder
	for _, info := range infos {
		d := info.Described
		kind := d.Value.String()
		if d.Key != nil {
			kind = "[" + d.Key.String() + "] " + kind
		}
		users := c.users(d.Name)
		if users == "" {
			users = "frozen"
		}
		rows := 0
		if s, err := c.engine.shoot(d.Name); err == nil {
			rows = len(s.rows)
		}
		fmt.Fprintf(&b, "%-14s %-34s %s of %d  %s  %s\n", "@"+d.Name, kind, plural(rows, "row"), d.MaxEntries, size(info.Bytes), users)
	}
	c.screen.Print(b.String())
	return nil
}

// users names the clauses that use a map and are on.
func (c *console) users(name string) string {
	var ids []string
	for _, cl := range c.engine.clauses {
		for _, m := range cl.prog.Maps {
			if m.Name == name && cl.on {
				ids = append(ids, cl.id)
			}
		}
	}
	return strings.Join(ids, " ")
}

func (c *console) shootArg(arg string) (*shot, error) {
	name, err := c.engine.mapArg(arg)
	if err != nil {
		return nil, err
	}
	return c.engine.shoot(name)
}

func cmdPrint(_ context.Context, c *console, arg string) error {
	s, err := c.shootArg(arg)
	if err != nil {
		return err
	}
	c.screen.Print(s.show(0))
	return nil
}

// topRows is how many rows .top prints without a number.
const topRows = 10

func cmdTop(_ context.Context, c *console, arg string) error {
	name, rest := cutWord(arg)
	s, err := c.shootArg(name)
	if err != nil {
		return err
	}
	n := topRows
	if rest != "" {
		if n, err = strconv.Atoi(rest); err != nil || n < 1 {
			return fail("%q is not a number of rows", rest)
		}
	}
	c.screen.Print(s.top(n, c.view))
	return nil
}

// top writes the n greatest rows with their share of the sum, and in a view
// with what was added per second since the last time.
func (t *shot) top(n int, v *view) string {
	sorted := t.sorted()
	rows := slices.Clone(sorted.rows)
	slices.Reverse(rows)
	var rates *shot
	if v != nil {
		rates = v.rates(t)
		v.arrange(rows, rates)
	}
	total := 0.0
	for _, r := range rows {
		total += math.Abs(r.val.weight())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s, sum %s\n", t.name, plural(len(rows), "key"), number(total))
	for i, r := range rows {
		if i == n {
			fmt.Fprintf(&b, "... and %d more\n", len(rows)-n)
			break
		}
		share := 0.0
		if total > 0 {
			share = math.Abs(r.val.weight()) / total
		}
		rate := ""
		if rates != nil {
			added, _ := rates.find(r.keyText)
			rate = fmt.Sprintf("%10s/s ", number(added.val.f))
		}
		fmt.Fprintf(&b, "%12s %5.1f%% %s%-20s %s\n", number(r.val.weight()), 100*share, rate, bar(share, 20), oneLine(r.keyText))
	}
	return b.String()
}

func bar(share float64, width int) string {
	return strings.Repeat("#", min(int(share*float64(width)+0.5), width))
}

func cmdHist(_ context.Context, c *console, arg string) error {
	s, err := c.shootArg(arg)
	if err != nil {
		return err
	}
	if len(s.rows) == 0 || s.rows[0].val.kind == aHistogram {
		c.screen.Print(s.show(0))
		return nil
	}
	c.screen.Print(s.distribution())
	return nil
}

// distribution writes how many values lie between which powers of two.
func (t *shot) distribution() string {
	var counts [66]int
	least, most, top := len(counts), 0, 0
	for _, r := range t.rows {
		i := 0
		if w := r.val.weight(); w >= 1 {
			i = min(1+int(math.Log2(w)), len(counts)-1)
		}
		counts[i]++
		least, most, top = min(least, i), max(most, i), max(top, counts[i])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  values of %s\n", t.name, plural(len(t.rows), "key"))
	for i := least; i <= most; i++ {
		label := "[0, 1)"
		if i > 0 {
			label = fmt.Sprintf("[%s, %s)", number(math.Exp2(float64(i-1))), number(math.Exp2(float64(i))))
		}
		fmt.Fprintf(&b, "%-24s %8d |%-40s|\n", label, counts[i], bar(float64(counts[i])/float64(top), 40))
	}
	return b.String()
}

// minus is the difference of each row to an earlier one. A value that fell was
// cleared meanwhile: all of it is new.
func (t *shot) minus(old *shot) *shot {
	out := &shot{name: t.name, keyed: t.keyed, at: t.at}
	for _, r := range t.rows {
		d := r.val.weight()
		if old != nil {
			if was, ok := old.find(r.keyText); ok && was.val.weight() <= d {
				d -= was.val.weight()
			}
		}
		if d != 0 {
			out.rows = append(out.rows, row{keys: r.keys, keyText: r.keyText, val: float(d)})
		}
	}
	return out.sorted()
}

func cmdRate(_ context.Context, c *console, arg string) error {
	s, err := c.shootArg(arg)
	if err != nil {
		return err
	}
	old := c.rates[s.name]
	since := c.engine.started
	if old != nil {
		since = old.at
	}
	c.rates[s.name] = s
	seconds := s.at.Sub(since).Seconds()
	rates := s.minus(old)
	for i := range rates.rows {
		rates.rows[i].val = float(rates.rows[i].val.f / seconds)
	}
	c.screen.Printf("%s  per second, over %.1f s\n", s.name, seconds)
	if len(rates.rows) > 0 {
		c.screen.Print(keyLines(rates))
	}
	return nil
}

// keyLines writes a computed table under a headline of its own.
func keyLines(t *shot) string {
	var b strings.Builder
	for _, r := range t.rows {
		if t.keyed {
			fmt.Fprintf(&b, "  [%s]: %s\n", r.keyText, r.val)
		} else {
			fmt.Fprintf(&b, "  %s\n", r.val)
		}
	}
	return b.String()
}

// lastSnap is the name that .diff goes by without one.
const lastSnap = ""

func cmdSnap(_ context.Context, c *console, arg string) error {
	snap := &snapshot{name: arg, at: time.Now(), shots: map[string]*shot{}}
	for _, name := range c.engine.mapNames() {
		s, err := c.engine.shoot(name)
		if err != nil {
			return err
		}
		snap.shots[name] = s
	}
	c.snaps[arg], c.snaps[lastSnap] = snap, snap
	c.screen.Printf("%s: %s\n", arg, plural(len(snap.shots), "map"))
	return nil
}

func cmdDiff(_ context.Context, c *console, arg string) error {
	at, which := cutWord(arg)
	name, err := c.engine.mapArg(at)
	if err != nil {
		return err
	}
	snap := c.snaps[which]
	if snap == nil {
		return fail("there is no snapshot %s", which).withHint(".snap NAME makes one")
	}
	s, err := c.engine.shoot(name)
	if err != nil {
		return err
	}
	diff := s.minus(snap.shots[name])
	c.screen.Printf("%s  since %s, %.1f s ago\n", s.name, snap.name, time.Since(snap.at).Seconds())
	if len(diff.rows) == 0 {
		c.screen.Print("  no change\n")
		return nil
	}
	c.screen.Print(keyLines(diff))
	return nil
}

func cmdClear(_ context.Context, c *console, arg string) error {
	names := c.engine.mapNames()
	if arg != "@*" && arg != "all" {
		name, err := c.engine.mapArg(arg)
		if err != nil {
			return err
		}
		names = []string{name}
	}
	for _, name := range names {
		if _, err := c.engine.session.ClearNamed(name); err != nil {
			return err
		}
		delete(c.rates, "@"+name)
		c.screen.Printf("@%s  cleared\n", name)
	}
	return nil
}
