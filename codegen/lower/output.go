package lower

import (
	"strings"

	"github.com/gotrace/gotrace/codegen/ir"
	"github.com/gotrace/gotrace/codegen/object"
	"github.com/gotrace/gotrace/lang/typed"
)

// formatKinds are the events of the functions that take a format.
var formatKinds = map[string]object.EventKind{
	"printf": object.EventPrintf,
	"errorf": object.EventErrorf,
	"warnf":  object.EventWarnf,
	"system": object.EventSystem,
	"cat":    object.EventCat,
}

func (f *fn) printf(e *typed.Call) {
	f.emit(e, object.Event{Kind: formatKinds[e.Name], Format: literal(e.Args[0]), Map: -1}, e.Args[1:], wakeIdle)
}

// literal is the text of an argument that is a string literal.
func literal(e typed.Expr) string {
	s, ok := e.(*typed.Str)
	if !ok {
		internal("%T in place of a literal", e)
	}
	return s.Value
}

// print prints a map, an element of one, or a value.
func (f *fn) print(e *typed.Call) {
	ref, ok := e.Args[0].(*typed.MapRef)
	if !ok {
		f.emit(e, object.Event{Kind: object.EventPrintValue, Map: -1}, e.Args[:1], wakeIdle)
		return
	}
	if ref.Key != nil {
		f.printElement(e, ref)
		return
	}
	event := object.Event{Kind: object.EventPrintMap, Map: ref.Map.Index}
	for i, arg := range e.Args[1:] {
		switch s, ok := arg.(*typed.Str); {
		case ok:
			event.Format = strings.TrimSpace(event.Format + " " + s.Value)
		case i == 0:
			event.Top = constant(arg)
		default:
			event.Div = constant(arg)
		}
	}
	f.emit(e, event, nil, wakeIdle)
}

// printElement sends the key as the map has it, for user space to look up.
func (f *fn) printElement(e *typed.Call, ref *typed.MapRef) {
	t := *ref.Map.Key
	event := object.Event{Kind: object.EventPrintElem, Map: ref.Map.Index,
		Args: []object.EventArg{{Type: t, Offset: headerSize}}, FixedSize: headerSize + alignedSize(t)}
	key := f.tempBytes("key", t.Size)
	f.build(ref.Key, key, true)
	f.send(f.event(e, event), event, []writer{func(dst mem) { f.copyBytes(dst, key, t.Size) }}, wakeIdle)
}

func constant(e typed.Expr) int {
	c, ok := e.(*typed.Const)
	if !ok {
		internal("%T in place of a constant", e)
	}
	return int(c.Value)
}

func (f *fn) clearMap(e *typed.Call) { f.mapEvent(e, e.Args[0].(*typed.MapRef)) }

// mapEvent asks user space to clear or zero a map.
func (f *fn) mapEvent(e *typed.Call, ref *typed.MapRef) {
	kind := object.EventClear
	if e.Name == "zero" {
		kind = object.EventZero
	}
	f.emit(e, object.Event{Kind: kind, Map: ref.Map.Index}, nil, wakeIdle)
}

// exitCall ends this run of the program, and then the session.
func (f *fn) exitCall(e *typed.Call) {
	f.emit(e, object.Event{Kind: object.EventExit, Map: -1}, e.Args, forceWake)
	f.endRun()
}

func (f *fn) time(e *typed.Call) {
	f.emit(e, object.Event{Kind: object.EventTime, Format: literal(e.Args[0]), Map: -1}, nil, wakeIdle)
}

// strftime keeps the time and the format for user space to put together. User
// space knows CLOCK_BOOTTIME: a time of CLOCK_TAI is put back to it.
func (f *fn) strftime(e *typed.Call, dst mem, _ bool) {
	at := f.word(e.Args[1])
	if len(e.Args) > 2 {
		switch literal(e.Args[2]) {
		case "tai", "sw_tai":
			at = f.b.Bin(ir.OpSub, at, f.b.Const(f.opts.TAIOffsetNS))
		}
	}
	f.store(dst, 0, 8, at)
	f.store(dst, 8, 8, f.b.Const(int64(f.text(literal(e.Args[0])))))
}
