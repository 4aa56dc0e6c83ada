package parser

import (
	"github.com/gotrace/gotrace/lang/ast"
)

// body builds a block whose value, if it ends with an expression, is dropped.
func (b *builder) body(n *blockNode) *ast.Block {
	block := b.block(n)
	discard(block)
	return block
}

// block builds a block and leaves open what its last statement is: value or
// discard must be called to settle it.
func (b *builder) block(n *blockNode) *ast.Block {
	block := &ast.Block{Span: spanOf(n.Open).To(spanOf(n.Close))}
	for i, s := range n.Stmts {
		last := i == len(n.Stmts)-1
		if simple, ok := s.(*simpleNode); ok && last && !simple.Semi {
			if x, ok := simple.Stmt.(*ast.ExprStmt); ok {
				block.Result = x.X
				break
			}
		}
		stmt := b.stmt(s)
		if stmt == nil {
			continue
		}
		block.Stmts = append(block.Stmts, stmt)
		if !last {
			discardStmt(stmt)
		}
	}
	return block
}

func (b *builder) stmt(n stmtNode) ast.Stmt {
	switch n := n.(type) {
	case *simpleNode:
		return n.Stmt
	case *blockNode:
		return b.block(n)
	case *letNode:
		return b.let(n)
	case *ifNode:
		return b.ifStmt(n)
	case *loopNode:
		return b.loop(n)
	case *forNode:
		return b.forStmt(n)
	case *jumpNode:
		return &ast.Jump{Span: spanOf(n.Start), Kind: n.Start.Value}
	case *returnNode:
		j := &ast.Jump{Span: spanOf(n.Start), Kind: n.Start.Value}
		if n.Value != nil {
			j.Value = n.Value.X
			j.Span = j.Span.To(n.Value.Span)
		}
		return j
	}
	return nil // an empty statement
}

func (b *builder) let(n *letNode) *ast.Let {
	v := &ast.Var{Span: spanOf(n.Var), Name: n.Var.Value[1:]}
	l := &ast.Let{Span: spanOf(n.Start).To(v.Span), Var: v}
	if n.Type != nil {
		l.Type = n.Type.T
		l.Span = l.Span.To(l.Type.Span)
	}
	if n.Value != nil {
		l.Value = n.Value.X
		l.Span = l.Span.To(n.Value.Span)
	}
	return l
}

func (b *builder) ifStmt(n *ifNode) *ast.If {
	first := &ast.If{Span: spanOf(n.Start), Cond: n.Cond.X, Then: b.block(n.Then)}
	chain := []*ast.If{first}
	end := first.Then.Span
	for i, e := range n.Else {
		tail := chain[len(chain)-1]
		body := b.block(e.Body)
		end = body.Span
		if e.Cond != nil {
			next := &ast.If{Span: spanOf(e.If), Cond: e.Cond.X, Then: body}
			tail.Else = next
			chain = append(chain, next)
			continue
		}
		tail.Else = body
		if i < len(n.Else)-1 {
			b.fail(spanOf(n.Else[i+1].Start), "syntax", "else after the last else", "an if has one else: write else if for more conditions")
			break
		}
	}
	if len(chain) > maxNesting {
		b.fail(first.Span, "too-deep", "if has too many branches", "more than 200 are not supported: use a map as a table")
	}
	for _, s := range chain {
		s.Span = s.Span.To(end)
	}
	return first
}

func (b *builder) loop(n *loopNode) ast.Stmt {
	body := b.body(n.Body)
	span := spanOf(n.Start).To(body.Span)
	if n.Start.Value == "while" {
		return &ast.While{Span: span, Cond: n.Cond.X, Body: body}
	}
	return &ast.Unroll{Span: span, Count: n.Cond.X, Body: body}
}

func (b *builder) forStmt(n *forNode) ast.Stmt {
	body := b.body(n.Body)
	span := spanOf(n.Start).To(body.Span)
	head := n.Head
	v := &ast.Var{Span: spanOf(head.Var), Name: head.Var.Value[1:]}
	if head.Hi == nil {
		return &ast.ForMap{Span: span, Var: v, Over: head.Lo.X, Body: body}
	}
	return &ast.ForRange{Span: span, Var: v, Lo: head.Lo.X, Hi: head.Hi.X, Body: body}
}

// value settles a block that stands as an expression. An if in its last place
// is its value when every branch has one.
func (b *builder) value(block *ast.Block) {
	if block.Result != nil || len(block.Stmts) == 0 {
		return
	}
	last := len(block.Stmts) - 1
	if !hasValue(block.Stmts[last]) {
		discardStmt(block.Stmts[last])
		return
	}
	block.Result = b.valueOf(block.Stmts[last])
	block.Stmts = block.Stmts[:last]
}

func hasValue(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.Block:
		return s.Result != nil || len(s.Stmts) > 0 && hasValue(s.Stmts[len(s.Stmts)-1])
	case *ast.If:
		return s.Else != nil && hasValue(s.Then) && hasValue(s.Else)
	}
	return false
}

// valueOf turns a statement that has a value into an expression.
func (b *builder) valueOf(s ast.Stmt) ast.Expr {
	if s, ok := s.(*ast.If); ok {
		return &ast.Ternary{Span: s.Span, Cond: s.Cond, Then: b.valueOf(s.Then), Else: b.valueOf(s.Else)}
	}
	block, ok := s.(*ast.Block)
	if !ok {
		return nil
	}
	b.value(block)
	return &ast.BlockExpr{Span: block.Span, Block: block}
}

// discard settles a block whose value nobody wants: its last expression is
// one more statement.
func discard(block *ast.Block) {
	if block.Result != nil {
		block.Stmts = append(block.Stmts, &ast.ExprStmt{Span: block.Result.Pos(), X: block.Result})
		block.Result = nil
	}
	if n := len(block.Stmts); n > 0 {
		discardStmt(block.Stmts[n-1])
	}
}

func discardStmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.Block:
		discard(s)
	case *ast.If:
		discard(s.Then)
		if s.Else != nil {
			discardStmt(s.Else)
		}
	}
}
