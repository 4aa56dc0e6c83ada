package repl

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gotrace/gotrace/lang/parser"
	"github.com/gotrace/gotrace/lang/source"
)

// order is how a view sorts the rows of a map.
type order int

const (
	byValue order = iota
	byRate
	byKey
	orders
)

func (o order) String() string { return [...]string{"value", "rate", "key"}[o] }

// view is something that is redrawn in place, at an interval, until it is left.
type view struct {
	interval time.Duration
	title    string
	// draw writes the view, and maps are what its key c clears.
	draw   func(ctx context.Context) error
	maps   []string
	order  order
	paused bool
	ends   bool // with exit() of the script
	// last are the maps as they were drawn last, prev as before that.
	last, prev map[string]*shot
	lines      int // drawn last
}

// rates returns what was added per second to each row since the map was drawn
// last.
func (v *view) rates(t *shot) *shot {
	v.last[t.name] = t
	old := v.prev[t.name]
	if old == nil {
		return &shot{keyed: t.keyed}
	}
	rates := t.minus(old)
	seconds := max(t.at.Sub(old.at).Seconds(), 1e-3)
	for i := range rates.rows {
		rates.rows[i].val = float(rates.rows[i].val.f / seconds)
	}
	return rates
}

// arrange sorts rows, the greatest first, as the view is told to.
func (v *view) arrange(rows []row, rates *shot) {
	rate := func(r row) float64 {
		added, _ := rates.find(r.keyText)
		return added.val.f
	}
	switch v.order {
	case byRate:
		slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(rate(b), rate(a)) })
	case byKey:
		slices.SortStableFunc(rows, func(a, b row) int { return strings.Compare(a.keyText, b.keyText) })
	}
}

func cmdWatch(ctx context.Context, c *console, arg string) error {
	every, rest := cutWord(arg)
	interval, err := duration(every)
	if err != nil {
		return err
	}
	times := 0
	if word, command := cutWord(rest); command != "" {
		if n, err := strconv.Atoi(word); err == nil {
			times, rest = n, command
		}
	}
	if rest == "" {
		return fail(".watch needs a command").withHint("as in .watch 1s .top @n 5")
	}
	if name, _ := cutWord(rest); strings.HasPrefix(".watch", name) && len(name) > 1 {
		return fail(".watch cannot watch itself")
	}
	if err := repeatable(rest); err != nil {
		return err
	}
	v := &view{interval: interval, title: rest}
	for _, m := range regexp.MustCompile(`@\w*`).FindAllString(rest, -1) {
		v.maps = append(v.maps, strings.TrimPrefix(m, "@"))
	}
	v.draw = func(ctx context.Context) error { return c.dispatch(ctx, rest) }
	return c.show(ctx, v, times)
}

// repeatable reports what cannot be done again and again: a clause would be added
// each time.
func repeatable(entry string) error {
	if isCommand(entry) {
		return nil
	}
	set := &source.Set{}
	if _, list := parser.ParseExpr(set, set.Add("query", entry)); list.HasErrors() {
		return &scriptError{set: set, list: list}
	}
	return nil
}

// show runs a view until it is left, or drawn so many times if that is not
// zero.
func (c *console) show(ctx context.Context, v *view, times int) error {
	v.last, v.prev = map[string]*shot{}, map[string]*shot{}
	c.view = v
	if c.keys != nil {
		c.screen.setState(viewing)
	}
	colors := c.paint.on.Swap(false) // lines are cut to the width as they are
	defer func() {
		c.paint.on.Store(colors)
		c.view = nil
		c.screen.setState(notEditing)
	}()
	next := time.Now()
	for drawn := 0; times == 0 || drawn < times; {
		if wait := time.Until(next); wait > 0 {
			if c.waitKey(ctx, v, wait) || v.ends && c.scriptEnded() {
				return nil
			}
			continue
		}
		next = time.Now().Add(v.interval)
		if v.paused {
			continue
		}
		if err := c.drawView(ctx, v); err != nil {
			return err
		}
		drawn++
	}
	return nil
}

// drawView draws a view in the place where it was, or below the last one
// without a terminal.
func (c *console) drawView(ctx context.Context, v *view) error {
	v.prev, v.last = v.last, map[string]*shot{}
	var err error
	text := c.screen.capture(func() { err = v.draw(ctx) })
	if err != nil {
		return err
	}
	if c.keys == nil {
		c.screen.Print(text)
		return nil
	}
	head := fmt.Sprintf("every %s: %s   [space pause, c clear, s sort by %s, q quit]", v.interval, v.title, (v.order+1)%orders)
	text = fit(head+"\n"+text, terminalWidth(c.opts.Stdout), terminalHeight(c.opts.Stdout)-1)
	c.screen.redraw(v.lines, text)
	v.lines = strings.Count(text, "\n")
	return nil
}

// fit cuts a text to a window.
func fit(text string, width, height int) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	lines = lines[:min(len(lines), max(height, 1))]
	for i, line := range lines {
		if r := []rune(line); len(r) >= width {
			lines[i] = string(r[:width-1])
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// waitKey waits for a key and does what it says; it reports whether the view
// was left.
func (c *console) waitKey(ctx context.Context, v *view, wait time.Duration) (left bool) {
	if c.keys == nil {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return true
		}
		return false
	}
	key, err := c.keys.next(ctx, wait)
	if err != nil {
		return true
	}
	switch key {
	case 'q', 4:
		return true
	case ' ':
		v.paused = !v.paused
	case 's':
		v.order = (v.order + 1) % orders
	case 'c':
		for _, name := range v.maps {
			if _, err := c.engine.session.ClearNamed(name); err != nil {
				c.report(err)
			}
		}
		v.last = map[string]*shot{}
	default:
		return false
	}
	if !v.paused {
		if err := c.drawView(ctx, v); err != nil {
			c.report(err)
			return true
		}
	}
	return false
}

// live runs a script and shows its maps until that is left (--live).
func (c *console) live(ctx context.Context, script string) error {
	c.work.Lock()
	defer c.work.Unlock()
	return c.guarded(ctx, func(ctx context.Context) error {
		if err := cmdLoad(ctx, c, script); err != nil {
			c.report(err)
			return fail("%s was not run", script)
		}
		v := &view{interval: time.Second, title: script, maps: c.engine.mapNames(), ends: true}
		v.draw = func(context.Context) error { return c.drawMaps() }
		return c.show(ctx, v, 0)
	})
}

// scriptEnded reports whether a clause has called exit().
func (c *console) scriptEnded() bool {
	select {
	case <-c.engine.exits:
		return true
	default:
		return false
	}
}

// drawMaps draws all maps: histograms as they are, of others the greatest rows.
func (c *console) drawMaps() error {
	for _, name := range c.engine.mapNames() {
		s, err := c.engine.shoot(name)
		if err != nil {
			return err
		}
		if len(s.rows) == 0 || s.rows[0].val.kind == aHistogram || !s.keyed {
			c.screen.Print(s.show(0))
			continue
		}
		c.screen.Print(s.top(topRows, c.view))
	}
	return nil
}
