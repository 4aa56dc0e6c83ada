package repl

import (
	"sync/atomic"

	"github.com/fatih/color"
)

// palette is the colours of the console; without colours it changes nothing.
// The line editor asks it from a goroutine of its own.
type palette struct {
	on atomic.Bool
}

func newPalette(on bool) *palette {
	p := &palette{}
	p.on.Store(on)
	return p
}

// style wraps text in a colour.
func (p *palette) style(text string, attrs ...color.Attribute) string {
	if !p.on.Load() || text == "" || len(attrs) == 0 {
		return text
	}
	c := color.New(attrs...)
	c.EnableColor()
	return c.Sprint(text)
}

func (p *palette) dim(text string) string     { return p.style(text, color.Faint) }
func (p *palette) prompt(text string) string  { return p.style(text, color.FgCyan, color.Bold) }
func (p *palette) head(text string) string    { return p.style(text, color.Bold) }
func (p *palette) problem(text string) string { return p.style(text, color.FgRed) }
func (p *palette) warning(text string) string { return p.style(text, color.FgYellow) }
