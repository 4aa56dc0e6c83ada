package point

import "fmt"

// OperandKind says where an argument of a USDT probe is.
type OperandKind string

// The kinds. The address of one in memory is Base + Index*Scale + Value, where
// either register may be missing; that of one relative to the code is Value
// behind the probe's own address.
const (
	OperandConstant OperandKind = "constant" // Value
	OperandRegister OperandKind = "register" // Base, above its lowest Shift bits
	OperandMemory   OperandKind = "memory"
	OperandCode     OperandKind = "code"
)

// Operand is an argument of a USDT probe: Size bytes, sign-extended if Signed.
// Registers have the names that struct pt_regs has for them.
type Operand struct {
	Kind   OperandKind
	Size   int
	Signed bool
	Base   string
	Index  string
	Scale  int64
	Shift  int
	Value  int64
}

// String describes the type of an operand as it is in C.
func (o Operand) String() string {
	if o.Signed {
		return fmt.Sprintf("int%d_t", 8*o.Size)
	}
	return fmt.Sprintf("uint%d_t", 8*o.Size)
}
