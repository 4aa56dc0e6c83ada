package typed

import (
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/types"
)

// Expr is an expression with a type.
type Expr interface {
	Pos() source.Span
	Type() types.Type
	expr()
}

// Base carries what every expression has.
type Base struct {
	Span source.Span
	T    types.Type
}

// Pos returns the place in the script.
func (b *Base) Pos() source.Span { return b.Span }

// Type returns the type of the value.
func (b *Base) Type() types.Type { return b.T }

// SetType replaces the type; the type checker uses it before a program is
// finished.
func (b *Base) SetType(t types.Type) { b.T = t }

func (b *Base) expr() {}

// Const is a scalar constant: Value holds its bits, sign-extended for a signed
// type and zero-extended for an unsigned one.
type Const struct {
	Base
	Value int64
}

// Str is a string literal; T.Size is at least len(Value)+1. With T a byte Array
// (pton), Value is exactly its bytes.
type Str struct {
	Base
	Value string
}

// Zero is the all-zero value of any type.
type Zero struct{ Base }

// VarRef reads a scratch variable.
type VarRef struct {
	Base
	Var *Var
}

// MapRead reads an element as a value; a missing element reads as zero. Key is
// nil for a map without keys. When the map is an aggregation, T is the integer
// that the aggregation coerces to.
type MapRead struct {
	Base
	Map *Map
	Key Expr
}

// MapRef is a map as a whole, or with Key one element of it, as an argument of
// a function that works on maps (print, clear, delete, has_key, len).
type MapRef struct {
	Base
	Map *Map
	Key Expr
}

// Builtin is a builtin without arguments. Stack modes and depths are in T. A
// builtin that costs a helper call is not folded: code generation shares equal
// ones. The names, with T:
//
//	pid, tid            uint32; as seen in gotrace's own PID namespace
//	pid_init, tid_init  uint32; as seen in the initial namespace: pid(init)
//	uid, gid            uint64
//	comm                string[16]
//	nsecs               uint64; CLOCK_BOOTTIME: nsecs, nsecs(), nsecs(boot)
//	nsecs_monotonic     uint64; CLOCK_MONOTONIC
//	nsecs_tai           uint64; CLOCK_TAI by helper
//	nsecs_sw_tai        uint64; CLOCK_BOOTTIME plus a constant offset to TAI
//	elapsed             uint64; nanoseconds since tracing began
//	cpu, ncpus          uint64
//	numaid              uint32
//	rand                uint32
//	jiffies             uint64
//	usermode            uint8; PerfEvent context only, a constant elsewhere
//	ctx                 void*, Space Context
//	cgroup              uint64
//	curtask             struct task_struct*, Space BTF; the members' loads need
//	                    no helper where the target has get_current_task_btf,
//	                    otherwise code generation reads them as Kernel memory
//	probe               ProbeName
//	func                FuncName
//	username            Username
//	kstack, ustack      Stack; mode, depth and side in T
//	cpid                uint32; pid of the child of -c
//
// Not Builtins, for they are something else by now: args.x is a ContextField or
// ContextArg, argN and retval are ContextArgs, sargN is a load from the stack,
// reg(...) is a Register, probetype, $N, sizeof and enumerators are constants.
type Builtin struct {
	Base
	Name string
}

// ContextField is a member of a tracepoint's record (Clause.Context
// Tracepoint): a load from the context at Member.Offset, or through DataLoc.
type ContextField struct {
	Base
	Member types.Member
}

// ContextArg is argument Index of the raw, BTF, kprobe and uprobe contexts, or
// with Return the return value, as T (an integer or pointer of up to 8 bytes;
// narrower than 8 bytes, only the low bytes count).
type ContextArg struct {
	Base
	Index  int
	Return bool
}

// Register is reg("name"): a register of the interrupted context.
type Register struct {
	Base
	Register string
}

// Op is an operator of Unary, Binary or Compare.
type Op string

// The operators.
const (
	Neg    Op = "-"
	BitNot Op = "~"
	Not    Op = "!" // on a bool

	Add Op = "+"
	Sub Op = "-"
	Mul Op = "*"
	Div Op = "/" // signed by T; by zero gives 1 (as bpftrace) and counts a loss
	Mod Op = "%" // by zero: as Div
	And Op = "&"
	Or  Op = "|"
	Xor Op = "^"
	Shl Op = "<<"
	Shr Op = ">>" // logical, of all 64 bits, even for a signed type (as bpftrace)

	Eq Op = "=="
	Ne Op = "!="
	Lt Op = "<"
	Le Op = "<="
	Gt Op = ">"
	Ge Op = ">="

	LogAnd Op = "&&"
	LogOr  Op = "||"
)

// Unary is -x, ~x on an integer or !x on a bool.
type Unary struct {
	Base
	Op Op
	X  Expr
}

// Binary is arithmetic. Both operands have type T, except the right one of a
// shift, which is any integer.
type Binary struct {
	Base
	Op   Op
	X, Y Expr
}

// PtrAdd is pointer arithmetic: X (a pointer, of type T) plus Index times the
// size of what it points at; Sub subtracts.
type PtrAdd struct {
	Base
	X     Expr
	Index Expr
	Sub   bool
}

// Compare gives a bool. Both operands have the same type: scalars with any
// operator; strings (sizes may differ), buffers, arrays, tuples and records
// only with == and !=. A string comparison may be limited to N characters
// (strncmp); zero compares the whole.
type Compare struct {
	Base
	Op   Op
	X, Y Expr
	N    int
}

// Logical is && or || of bools; the right side runs only if needed.
type Logical struct {
	Base
	Op   Op
	X, Y Expr
}

// Ternary picks Then or Else, both of type T (which may be void).
type Ternary struct {
	Base
	Cond, Then, Else Expr
}

// Convert makes a T of X: between integers (truncate or extend by X's sign),
// integer or pointer to bool (!= 0), pointer and integer, pointer to pointer,
// string to a longer or shorter string, integer or string and array of integers
// of equal size (their bytes), char array to the String of its size (a last byte
// that is not NUL is cut), buffer to a larger buffer, tuple to tuple elementwise.
type Convert struct {
	Base
	X Expr
}

// Deref is the place that a pointer points at, of type T = *X.T.Elem. Reading a
// scalar from it loads through the pointer's address space.
type Deref struct {
	Base
	X Expr
}

// Member is a member of a record or tuple place.
type Member struct {
	Base
	X      Expr
	Member types.Member
}

// Element is an element of an array or string place, at a scalar Index. Constant indices
// out of range are type errors; others read past the end as the C rules do.
type Element struct {
	Base
	X     Expr
	Index Expr
}

// AddressOf is &$x or &@m[k] (Space Stk or MapMem).
type AddressOf struct {
	Base
	X Expr // VarRef or MapRead
}

// TupleExpr builds a tuple or record of type T from its elements in order of
// T.Members; each element has exactly its member's type.
type TupleExpr struct {
	Base
	Elems []Expr
}

// IncDec is ++ or -- as a value: of a VarRef or MapRead target. The value is
// the one before (postfix) or after (prefix) the change by Delta, which for
// pointers is already the size of the element.
type IncDec struct {
	Base
	Target Expr
	Delta  int64
	Prefix bool
}

// BlockExpr runs statements and gives Result.
type BlockExpr struct {
	Base
	Stmts  []Stmt
	Result Expr
}

// Call is a call of a stdlib function. Name is the reference's name whatever
// alias the script used; maps are MapRef arguments, and literal arguments
// (format strings, separators, modes) are Str and Const. "word" means a scalar
// widened to 8 bytes; T is void unless given. The whole table:
//
//	printf, errorf, warnf   Str format, then each value in its own type; only
//	                        types that can be printed, never Agg or Void
//	system, cat             as printf; the text is a command or a path
//	print                   one value of any printable type, or
//	                        MapRef (no Key) [, Const uint64 top [, Const uint64 div]]
//	                        or MapRef of a histogram and the names of
//	                        percentiles, each a Str such as "p99.9"
//	clear, zero             MapRef without Key
//	delete                  MapRef with Key (without one: a map without keys);
//	                        T bool: something was deleted
//	has_key                 MapRef with Key; T bool
//	len                     MapRef without Key, T int64: its number of elements;
//	                        or a Stack value, T int64: its number of frames
//	exit                    one int64, the exit code (Const 0 if not written)
//	time                    Str format
//	join                    pointer to pointers to char, Str separator
//	strftime                Str format, uint64 nanoseconds, Str clock ("boot",
//	                        "monotonic", "tai", "sw_tai"); T Timestamp
//	str                     pointer to the characters (Space set), uint64 limit:
//	                        at most T.Size-1 characters are copied, and fewer
//	                        than the limit, which counts the NUL and is a Const
//	                        equal to T.Size unless computed; T String
//	buf                     pointer, or a place of type Array or String, and a
//	                        uint64 length (Const = T.Len unless computed, then
//	                        clamped to T.Len); T Buffer
//	strlen                  String; T uint64
//	strcontains             String haystack, String needle; T bool
//	strstr                  String haystack, String needle; T int64
//	bswap                   unsigned Int; T the same type
//	ksym                    uint64 address; T KSym
//	usym                    uint64 address; T USym
//	ntop                    Int family (AF_INET 2, AF_INET6 10; a Const unless
//	                        given as an expression), then an Int of 4 bytes or
//	                        a byte Array of 4 or 16; T Inet
//	macaddr                 pointer to 6 bytes, or a place of 6 bytes; T MAC
//	cgroup_path             uint64 id [, Str filter]; T Cgroup
//	signal, signal_thread   uint32 number (names are resolved)
//	override                uint64 return value
//	path                    place of a struct path (Space BTF), Const uint64 size; T String
//	str_concat              String, String; T String, cut to its size
//	write_user              word address, value, Const uint64 bytes of it; T
//	                        int64: zero, or an error
//	socket_cookie           pointer to a socket (Space BTF); T uint64
//
// Not Calls, for they are something else by now: strncmp is a Compare with N;
// kaddr, uaddr, pton, getopt, sizeof, offsetof, strcap, typeinfo, cgroupid, the
// is_ and kfunc_ families and calls with literal arguments are constants; kptr
// and uptr are Converts, and so are strerror, signal_name and syscall_name (to
// an enum of names); find, assert, is_err, container_of, percpu_kaddr, memcmp,
// ppid, pcomm and their like are written out in simpler nodes.
type Call struct {
	Base
	Name string
	Args []Expr
}
