package user

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gotrace/gotrace/lang/point"
)

// operands parses the arguments of a USDT probe as <sys/sdt.h> writes them: for
// each SIZE@OPERAND, the operand in the syntax of the machine's assembler. The
// size is negative for a signed argument. Symbol finds the address of a variable
// that an operand names; code is the address of the probe.
func operands(arch, text string, code uint64, symbol func(string) (uint64, bool)) ([]point.Operand, error) {
	parse := operandAMD64
	if arch == "arm64" {
		parse = operandARM64
	}
	var all []point.Operand
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		one, rest := cutOperand(text)
		size, what, found := strings.Cut(one, "@")
		n, err := strconv.Atoi(size)
		o := point.Operand{Size: max(n, -n), Signed: n < 0}
		if !found || err != nil || o.Size != 1 && o.Size != 2 && o.Size != 4 && o.Size != 8 {
			return nil, fmt.Errorf("argument %d is %q, which is not understood", len(all), one)
		}
		if !parse(&o, strings.TrimSpace(what), code, symbol) {
			return nil, fmt.Errorf("argument %d is %q, which is not understood", len(all), one)
		}
		all = append(all, o)
		text = rest
	}
	return all, nil
}

// cutOperand splits the first argument off: at a blank that is not in brackets.
func cutOperand(text string) (one, rest string) {
	depth := 0
	for i, c := range text {
		switch c {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ' ':
			if depth == 0 {
				return text[:i], text[i:]
			}
		}
	}
	return text, ""
}

// constant parses an assembler's number.
func constant(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		return n, true
	}
	n, err := strconv.ParseUint(text, 0, 64)
	return int64(n), err == nil
}

// memoryAMD64 is "displacement(base,index,scale)", where all may be missing.
var memoryAMD64 = regexp.MustCompile(`^([^()%$]*)\((?:%(\w+))?(?:,\s*%(\w+)(?:,\s*([1248]))?)?\)$`)

// operandAMD64 parses "$5", "%rax", "-8(%rbp,%rcx,4)" and "variable+4(%rip)".
func operandAMD64(o *point.Operand, text string, code uint64, symbol func(string) (uint64, bool)) bool {
	if number, found := strings.CutPrefix(text, "$"); found {
		n, ok := constant(number)
		o.Kind, o.Value = point.OperandConstant, n
		return ok
	}
	if name, found := strings.CutPrefix(text, "%"); found && !strings.ContainsAny(name, "(:") {
		reg, shift, ok := registerAMD64(name)
		o.Kind, o.Base, o.Shift = point.OperandRegister, reg, shift
		return ok
	}
	m := memoryAMD64.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	o.Kind, o.Scale = point.OperandMemory, 1
	if m[4] != "" {
		o.Scale, _ = constant(m[4])
	}
	if m[2] == "rip" {
		// The linker made it relative to the code; the note has the symbol.
		address, ok := symbolic(m[1], symbol)
		o.Kind, o.Value = point.OperandCode, int64(address-code)
		return ok
	}
	ok := true
	if m[1] != "" {
		o.Value, ok = constant(m[1])
	}
	if m[2] != "" && ok {
		o.Base, _, ok = registerAMD64(m[2])
	}
	if m[3] != "" && ok {
		o.Index, _, ok = registerAMD64(m[3])
	}
	return ok && (o.Base != "" || o.Index != "")
}

// symbolic is the value of "symbol", "symbol+8", "8+symbol" or "symbol-8".
func symbolic(text string, symbol func(string) (uint64, bool)) (uint64, bool) {
	m := regexp.MustCompile(`^(?:(-?\w+)\+)?([A-Za-z_.][\w.@$]*)([+-]\w+)?$`).FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	address, ok := symbol(m[2])
	for _, offset := range []string{m[1], m[3]} {
		if offset == "" || !ok {
			continue
		}
		n, good := constant(offset)
		address += uint64(n)
		ok = good
	}
	return address, ok
}

// registerAMD64 finds the register that a part of it is named by, and how far
// up the part is.
func registerAMD64(name string) (reg string, shift int, ok bool) {
	switch name {
	case "ah", "bh", "ch", "dh":
		return name[:1] + "x", 8, true
	case "al", "bl", "cl", "dl":
		return name[:1] + "x", 0, true
	}
	if len(name) > 1 && name[0] == 'r' && name[1] >= '0' && name[1] <= '9' {
		number := strings.TrimRight(name[1:], "bwd")
		n, err := strconv.Atoi(number)
		return "r" + number, 0, err == nil && n >= 8 && n <= 15
	}
	short := strings.TrimSuffix(name, "l")
	if len(short) == 3 && (short[0] == 'r' || short[0] == 'e') {
		short = short[1:]
	}
	switch short {
	case "ax", "bx", "cx", "dx", "si", "di", "bp", "sp":
		return short, 0, true
	}
	return "", 0, false
}

// memoryARM64 is "[base]", "[base, 8]" and "[base, index]".
var memoryARM64 = regexp.MustCompile(`^\[\s*(\w+)(?:\s*,\s*#?(-?\w+))?\s*\]$`)

// operandARM64 parses "5", "x0", "w0", "[sp, 60]" and "[x0, x1]".
func operandARM64(o *point.Operand, text string, _ uint64, _ func(string) (uint64, bool)) bool {
	if reg, ok := registerARM64(text); ok {
		o.Kind, o.Base = point.OperandRegister, reg
		return true
	}
	if n, ok := constant(strings.TrimPrefix(text, "#")); ok {
		o.Kind, o.Value = point.OperandConstant, n
		return true
	}
	m := memoryARM64.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	ok := false
	o.Kind, o.Scale = point.OperandMemory, 1
	if o.Base, ok = registerARM64(m[1]); !ok || m[2] == "" {
		return ok
	}
	if o.Value, ok = constant(m[2]); ok {
		return true
	}
	o.Value = 0
	o.Index, ok = registerARM64(m[2])
	return ok
}

// registerARM64 finds the register of a name: x0 and w0 are r0.
func registerARM64(name string) (string, bool) {
	switch name {
	case "sp", "wsp":
		return "sp", true
	}
	if len(name) < 2 || name[0] != 'x' && name[0] != 'w' {
		return "", false
	}
	n, err := strconv.Atoi(name[1:])
	return fmt.Sprintf("r%d", n), err == nil && n >= 0 && n <= 30
}
