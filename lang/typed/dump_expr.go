package typed

import (
	"fmt"

	"github.com/gotrace/gotrace/lang/types"
)

// text writes an expression.
func text(x Expr) string {
	switch x := x.(type) {
	case *Const:
		return constText(x)
	case *Str:
		return fmt.Sprintf("%q", x.Value)
	case *Zero:
		if x.T.Kind == types.Void {
			return "nothing"
		}
		return "zero"
	case *VarRef:
		return varName(x.Var)
	case *MapRead:
		return element(x.Map, x.Key)
	case *MapRef:
		return "&" + element(x.Map, x.Key)
	case *Builtin:
		if x.T.Kind == types.Stack {
			return typeName(x.T)
		}
		return x.Name
	case *ContextField:
		return "args." + x.Member.Name
	case *ContextArg:
		if x.Return {
			return fmt.Sprintf("retval:%s", typeName(x.T))
		}
		return fmt.Sprintf("arg%d:%s", x.Index, typeName(x.T))
	case *Register:
		return fmt.Sprintf("reg(%q)", x.Register)
	case *Call:
		return fmt.Sprintf("%s(%s)", x.Name, texts(x.Args))
	case *BlockExpr:
		d := &dumper{depth: 1}
		d.stmts(x.Stmts)
		return fmt.Sprintf("{\n%s  %s }", d.b.String(), text(x.Result))
	}
	return operatorText(x)
}

func constText(x *Const) string {
	switch {
	case x.T.Kind == types.Bool:
		return fmt.Sprint(x.Value != 0)
	case x.T.Kind == types.Pointer:
		return fmt.Sprintf("%#x", uint64(x.Value))
	case x.T.Signed:
		return fmt.Sprint(x.Value)
	}
	return fmt.Sprint(uint64(x.Value))
}

func operatorText(x Expr) string {
	switch x := x.(type) {
	case *Unary:
		return fmt.Sprintf("%s%s", x.Op, text(x.X))
	case *Binary:
		return fmt.Sprintf("(%s %s %s)", text(x.X), x.Op, text(x.Y))
	case *PtrAdd:
		op := "+"
		if x.Sub {
			op = "-"
		}
		return fmt.Sprintf("(%s %s %s*%d)", text(x.X), op, text(x.Index), x.T.Elem.Size)
	case *Compare:
		if x.N > 0 {
			return fmt.Sprintf("(%s %s[%d] %s)", text(x.X), x.Op, x.N, text(x.Y))
		}
		return fmt.Sprintf("(%s %s %s)", text(x.X), x.Op, text(x.Y))
	case *Logical:
		return fmt.Sprintf("(%s %s %s)", text(x.X), x.Op, text(x.Y))
	case *Ternary:
		return fmt.Sprintf("(%s ? %s : %s)", text(x.Cond), text(x.Then), text(x.Else))
	case *Convert:
		return fmt.Sprintf("<%s>(%s)", typeName(x.T), text(x.X))
	case *Deref:
		return fmt.Sprintf("*%s(%s)", x.X.Type().Space, text(x.X))
	case *Member:
		return memberText(x)
	case *Element:
		return fmt.Sprintf("%s[%s]", text(x.X), text(x.Index))
	case *AddressOf:
		return fmt.Sprintf("&%s", text(x.X))
	case *TupleExpr:
		return "(" + texts(x.Elems) + ")"
	case *IncDec:
		op := fmt.Sprintf("{%+d}", x.Delta)
		if x.Prefix {
			return op + text(x.Target)
		}
		return text(x.Target) + op
	}
	return fmt.Sprintf("%T", x)
}

// memberText writes a member with where it is.
func memberText(x *Member) string {
	name := x.Member.Name
	if x.X.Type().Kind == types.Tuple && name == "" {
		for i, m := range x.X.Type().Members {
			if m.Offset == x.Member.Offset {
				name = fmt.Sprint(i)
			}
		}
	}
	return fmt.Sprintf("%s.%s", text(x.X), name)
}
