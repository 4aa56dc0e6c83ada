package typecheck

import "github.com/gotrace/gotrace/lang/typed"

// pure reports whether evaluating an expression twice is the same as once, so
// that it may be repeated in place of being stored.
func pure(x typed.Expr) bool {
	switch x := x.(type) {
	case *typed.Const, *typed.Str, *typed.Zero, *typed.VarRef, *typed.ContextField, *typed.ContextArg, *typed.Register:
		return true
	case *typed.Builtin:
		switch x.Name {
		case "rand", "nsecs", "nsecs_monotonic", "nsecs_tai", "nsecs_sw_tai", "elapsed", "jiffies":
			return false
		}
		return true
	case *typed.Convert:
		return pure(x.X)
	case *typed.Member:
		return pure(x.X)
	case *typed.Deref:
		return pure(x.X)
	case *typed.Unary:
		return pure(x.X)
	case *typed.Binary:
		return pure(x.X) && pure(x.Y)
	case *typed.TupleExpr:
		for _, e := range x.Elems {
			if !pure(e) {
				return false
			}
		}
		return true
	}
	return false
}
