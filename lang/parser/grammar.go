package parser

import (
	"sync"

	"github.com/alecthomas/participle/v2"
	plex "github.com/alecthomas/participle/v2/lexer"
)

// The grammar of items and statements. Every struct is a rule; what its tag
// does not spell is a hook: exprNode, operandNode, condNode and typeNode read
// expressions and types, simpleNode an assignment or a bare expression, and
// endNode the end of a statement. The grammar is LL(1): each alternative
// commits on its first token, so an error is where it happened.

type itemNode interface{ itemNode() }

// probeNode is the action block "probes /predicate/ { ... }".
type probeNode struct {
	Points []*pointNode `parser:"@@ (',' @@)*"`
	Pred   *exprNode    `parser:"(PredOpen @@ PredClose)?"`
	Body   *blockNode   `parser:"@@"`
}

type pointNode struct {
	Tok plex.Token `parser:"@Spec"`
}

type directiveNode struct {
	Tok plex.Token `parser:"@Directive"`
}

type cDefinitionNode struct {
	Tok plex.Token `parser:"@CDefinition"`
}

type configNode struct {
	Start   plex.Token   `parser:"@'config'"`
	Entries []*entryNode `parser:"'=' Open (@@ (';' @@?)*)?"`
	End     plex.Token   `parser:"@Close ';'?"`
}

type entryNode struct {
	Name  plex.Token `parser:"@Ident '='"`
	Value plex.Token `parser:"@(Int | String | Ident | 'true' | 'false')"`
}

type importNode struct {
	Start plex.Token `parser:"@'import'"`
	Path  plex.Token `parser:"@String ';'"`
}

type mapDeclNode struct {
	Start plex.Token  `parser:"@'let'"`
	Name  plex.Token  `parser:"@Map '='"`
	Kind  plex.Token  `parser:"@Ident"`
	Args  []*exprNode `parser:"'(' (@@ (',' @@)*)?"`
	End   plex.Token  `parser:"@')' ';'?"`
}

type macroNode struct {
	Start  plex.Token   `parser:"@'macro'"`
	Name   plex.Token   `parser:"@(Ident | Keyword)"`
	Paren  plex.Token   `parser:"(@'('"`
	Params []*paramNode `parser:"(@@ (',' @@)*)? ')')?"`
	Body   *blockNode   `parser:"@@"`
}

type paramNode struct {
	Tok plex.Token `parser:"@(Var | Map | Ident)"`
}

func (*probeNode) itemNode()       {}
func (*directiveNode) itemNode()   {}
func (*cDefinitionNode) itemNode() {}
func (*configNode) itemNode()      {}
func (*importNode) itemNode()      {}
func (*mapDeclNode) itemNode()     {}
func (*macroNode) itemNode()       {}

type blockNode struct {
	Open  plex.Token `parser:"@Open"`
	Stmts []stmtNode `parser:"@@*"`
	Close plex.Token `parser:"@Close"`
}

type stmtNode interface{ stmtNode() }

type emptyNode struct {
	Tok plex.Token `parser:"@';'"`
}

type letNode struct {
	Start plex.Token `parser:"@'let'"`
	Var   plex.Token `parser:"@Var"`
	Type  *typeNode  `parser:"(':' @@)?"`
	Value *exprNode  `parser:"('=' @@)?"`
	End   *endNode   `parser:"@@"`
}

type ifNode struct {
	Start plex.Token  `parser:"@'if'"`
	Cond  *condNode   `parser:"@@"`
	Then  *blockNode  `parser:"@@"`
	Else  []*elseNode `parser:"@@*"`
}

type elseNode struct {
	Start plex.Token `parser:"@'else'"`
	If    plex.Token `parser:"(@'if'"`
	Cond  *condNode  `parser:"@@)?"`
	Body  *blockNode `parser:"@@"`
}

type loopNode struct {
	Start plex.Token `parser:"@('while' | 'unroll')"`
	Cond  *condNode  `parser:"@@"`
	Body  *blockNode `parser:"@@"`
}

type forNode struct {
	Start plex.Token   `parser:"@'for'"`
	Head  *forHeadNode `parser:"('(' @@ ')' | @@)"`
	Body  *blockNode   `parser:"@@"`
}

type forHeadNode struct {
	Var plex.Token   `parser:"@Var ':'"`
	Lo  *operandNode `parser:"@@"`
	Hi  *operandNode `parser:"('..' @@)?"`
}

type jumpNode struct {
	Start plex.Token `parser:"@('break' | 'continue')"`
	End   *endNode   `parser:"@@"`
}

type returnNode struct {
	Start plex.Token `parser:"@'return'"`
	Value *exprNode  `parser:"@@?"`
	End   *endNode   `parser:"@@"`
}

func (*emptyNode) stmtNode()  {}
func (*letNode) stmtNode()    {}
func (*ifNode) stmtNode()     {}
func (*loopNode) stmtNode()   {}
func (*forNode) stmtNode()    {}
func (*jumpNode) stmtNode()   {}
func (*returnNode) stmtNode() {}
func (*simpleNode) stmtNode() {}
func (*blockNode) stmtNode()  {}

// grammar is what participle makes of the rules above, built on first use.
type grammar struct {
	item  *participle.Parser[itemNode]
	block *participle.Parser[blockNode]
}

// buildGrammar builds it once: that takes longer than parsing a one-liner.
var buildGrammar = sync.OnceValues(newGrammar)

func newGrammar() (*grammar, error) {
	item, err := participle.Build[itemNode](
		participle.Lexer(definition{}),
		participle.UseLookahead(0),
		participle.Union[itemNode](&probeNode{}, &directiveNode{}, &cDefinitionNode{},
			&configNode{}, &importNode{}, &mapDeclNode{}, &macroNode{}),
		participle.Union[stmtNode](&simpleNode{}, &letNode{}, &ifNode{}, &forNode{},
			&loopNode{}, &returnNode{}, &jumpNode{}, &blockNode{}, &emptyNode{}),
	)
	if err != nil {
		return nil, err
	}
	block, err := participle.ParserForProduction[blockNode](item)
	if err != nil {
		return nil, err
	}
	return &grammar{item: item, block: block}, nil
}
