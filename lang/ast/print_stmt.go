package ast

// block prints "{ ... }" over several lines, without the end of the last.
func (p *printer) block(n *Block) {
	p.text("{")
	p.last = max(p.last, int(n.Span.Off)+1)
	if len(n.Stmts) == 0 && n.Result == nil && (len(p.comments) == 0 || p.comments[0].Span.Off >= n.Span.End) {
		p.text("}")
		p.last = max(p.last, int(n.Span.End))
		return
	}
	p.trailing(int(n.Span.Off) + 1)
	p.newline()
	p.indent++
	for i, s := range n.Stmts {
		p.lead(s, i == 0)
		p.stmt(s)
		p.trailing(int(s.Pos().End))
		p.newline()
	}
	if n.Result != nil {
		p.lead(&ExprStmt{Span: n.Result.Pos()}, len(n.Stmts) == 0)
		p.expr(n.Result, statementLevel(n.Result))
		p.trailing(int(n.Result.Pos().End))
		p.newline()
	}
	p.flush(int(n.Span.End))
	p.indent--
	p.text("}")
	p.last = max(p.last, int(n.Span.End))
}

// lead prints the comments before a statement, and those inside it that have
// no line of their own to go to.
func (p *printer) lead(s Stmt, first bool) {
	off := int(s.Pos().Off)
	limit := int(s.Pos().End)
	switch s := s.(type) {
	case *Block:
		limit = off
	case *If:
		limit = int(s.Then.Span.Off)
	case *While:
		limit = int(s.Body.Span.Off)
	case *Unroll:
		limit = int(s.Body.Span.Off)
	case *ForMap:
		limit = int(s.Body.Span.Off)
	case *ForRange:
		limit = int(s.Body.Span.Off)
	}
	if first && (len(p.comments) == 0 || int(p.comments[0].Span.Off) >= limit) {
		p.last = max(p.last, off) // no empty line at the start of a block
		return
	}
	p.gapAfter(limit, off)
}

func (p *printer) stmt(s Stmt) {
	switch s := s.(type) {
	case *Block:
		p.block(s)
	case *ExprStmt:
		if x, ok := s.X.(*Ternary); ok {
			p.ternary(x) // an if here would be a statement
		} else {
			p.expr(s.X, statementLevel(s.X))
		}
		p.text(";")
	case *Assign:
		p.expr(s.Target, levelPostfix)
		p.text(" " + s.Op + " ")
		p.expr(s.Value, levelAny)
		p.text(";")
	case *Let:
		p.let(s)
	case *If:
		p.ifStmt(s)
	case *While:
		p.loop("while (", s.Cond, s.Body)
	case *Unroll:
		p.loop("unroll(", s.Count, s.Body)
	case *ForMap:
		p.text("for ($" + s.Var.Name + " : ")
		p.expr(s.Over, levelUnary)
		p.text(") ")
		p.block(s.Body)
	case *ForRange:
		p.text("for ($" + s.Var.Name + " : ")
		p.expr(s.Lo, levelUnary)
		p.text("..")
		p.expr(s.Hi, levelUnary)
		p.text(") ")
		p.block(s.Body)
	case *Jump:
		p.text(s.Kind)
		if s.Value != nil {
			p.text(" ")
			p.expr(s.Value, levelAny)
		}
		p.text(";")
	}
}

// statementLevel keeps a block that stands as an expression statement in
// parentheses, so that it is not read back as a bare block.
func statementLevel(x Expr) int {
	if _, ok := x.(*BlockExpr); ok {
		return levelAny + 1
	}
	return levelAny
}

func (p *printer) let(s *Let) {
	p.text("let $" + s.Var.Name)
	if s.Type != nil {
		p.text(": ")
		p.typeExpr(s.Type)
	}
	if s.Value != nil {
		p.text(" = ")
		p.expr(s.Value, levelAny)
	}
	p.text(";")
}

func (p *printer) ifStmt(s *If) {
	for {
		p.text("if (")
		p.expr(s.Cond, levelAny)
		p.text(") ")
		p.block(s.Then)
		switch next := s.Else.(type) {
		case *If:
			p.text(" else ")
			s = next
			continue
		case *Block:
			p.text(" else ")
			p.block(next)
		}
		return
	}
}

func (p *printer) loop(head string, cond Expr, body *Block) {
	p.text(head)
	p.expr(cond, levelAny)
	p.text(") ")
	p.block(body)
}
