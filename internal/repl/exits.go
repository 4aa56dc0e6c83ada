package repl

import "context"

// exit is a clause that is done.
type exit struct {
	clause *clause
	code   int
}

// onExit takes note that a clause called exit(). It is called by the event loop
// and must not wait.
func (e *engine) onExit(c *clause, code int) {
	select {
	case e.exits <- exit{c, code}:
	default: // it calls exit() again and again: once is enough
	}
}

// reaper detaches clauses that called exit(), as soon as no entry is under way.
func (c *console) reaper() {
	for {
		select {
		case x := <-c.engine.exits:
			c.work.Lock()
			c.reap(x)
			c.work.Unlock()
		case <-c.engine.ended:
			return
		}
	}
}

func (c *console) reap(x exit) {
	if !x.clause.on {
		return
	}
	x.clause.done = true
	if err := c.engine.detach(context.Background(), x.clause); err != nil {
		c.report(err)
	}
	c.screen.Printf("%s  exit(%d): detached\n", x.clause.id, x.code)
}
