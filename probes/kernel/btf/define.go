package btf

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Define writes a record or enum as C defines it, in the layout of libbpf's
// dumper, which bpftrace uses: a tab for each level, nameless members in full.
// Padding and attributes are left out. In is the module it is of, or Kernel.
func (s *Set) Define(name string) (text, in string, err error) {
	tag, rest, _ := strings.Cut(name, " ")
	kinds := map[string][]kind{"struct": {kindStruct}, "union": {kindUnion}, "enum": {kindEnum, kindEnum64}}[tag]
	e, c, err := s.lookup(rest, kinds...)
	if err != nil {
		return "", "", err
	}
	w := writer{file: e.file}
	w.body(e, 0)
	if w.steps > maxSteps {
		return "", "", fmt.Errorf("BTF: type %d has no end", e.id)
	}
	w.WriteString(";")
	return w.String(), s.files[c.number].module, nil
}

// Prototype describes the parameters and the result of a function.
func (s *Set) Prototype(function string) (params []string, result string, err error) {
	e, _, err := s.lookup(function, kindFunc)
	if err != nil {
		return nil, "", err
	}
	proto, err := e.file.entry(e.ref)
	if err != nil {
		return nil, "", err
	}
	return describe(proto, 0), declaration(proto.file, proto.ref, ""), nil
}

// RawPrototype describes the arguments of a tracepoint.
func (s *Set) RawPrototype(module, event string) ([]string, error) {
	proto, _, _, err := s.tracepoint(module, event)
	if err != nil {
		return nil, err
	}
	return describe(proto, 1), nil
}

// describe writes each parameter from the skip-th as "TYPE NAME".
func describe(proto entry, skip int) []string {
	var lines []string
	for i, p := range proto.params() {
		if i >= skip {
			if p.name == "" {
				p.name = fmt.Sprintf("arg%d", i-skip)
			}
			lines = append(lines, strings.TrimSpace(declaration(proto.file, p.typ, "")+" "+p.name))
		}
	}
	return lines
}

// writer writes C.
type writer struct {
	strings.Builder
	file  *File
	steps int // see maxSteps
}

// body writes a record or enum with its members.
func (w *writer) body(e entry, level int) {
	indent := strings.Repeat("\t", level)
	w.WriteString(head(e) + " {\n")
	switch e.kind {
	case kindEnum, kindEnum64:
		e.enumerators(func(name uint32, value int64) bool {
			if e.kind == kindEnum64 && !e.flag {
				fmt.Fprintf(w, "%s\t%s = %dULL,\n", indent, e.file.text(name), uint64(value))
				return true
			}
			fmt.Fprintf(w, "%s\t%s = %d,\n", indent, e.file.text(name), value)
			return true
		})
	default:
		for i := range e.vlen {
			w.member(e, i, level+1)
		}
	}
	w.WriteString(indent + "}")
}

// head is "struct x" or, without a name, "struct".
func head(e entry) string {
	word := "struct"
	switch e.kind {
	case kindUnion:
		word = "union"
	case kindEnum, kindEnum64:
		word = "enum"
	case kindFwd:
		if e.flag {
			word = "union"
		}
	}
	return strings.TrimSpace(word + " " + e.file.text(e.name))
}

// member writes a member's line. A member whose type has no name is written
// with the whole of it.
func (w *writer) member(e entry, i uint32, level int) {
	raw := e.data[12*i:]
	name := e.file.text(binary.NativeEndian.Uint32(raw))
	id := binary.NativeEndian.Uint32(raw[4:])
	if w.steps++; w.steps > maxSteps {
		return
	}
	w.WriteString(strings.Repeat("\t", level))
	if inner, err := w.file.entry(id); err == nil && nameless(inner) && level < maxDepth {
		w.body(inner, level)
		if name != "" {
			w.WriteString(" " + name)
		}
	} else {
		w.WriteString(declaration(w.file, id, name))
	}
	if offset := binary.NativeEndian.Uint32(raw[8:]); e.flag && offset>>24 != 0 {
		fmt.Fprintf(w, ": %d", offset>>24)
	}
	w.WriteString(";\n")
}

func nameless(e entry) bool {
	switch e.kind {
	case kindStruct, kindUnion, kindEnum, kindEnum64:
		return e.name == 0
	}
	return false
}

// declaration writes a declaration of a name, which may be empty, with a type.
// C wants it inside out: what is to the right of the name binds first.
func declaration(f *File, id uint32, name string) string {
	text := name
	qualifiers := ""
	starred := false // the last thing put around the name was a star
	for range maxDepth {
		e, err := f.entry(id)
		if err != nil {
			return name
		}
		id = e.ref
		switch e.kind {
		case kindConst, kindVolatile, kindRestrict:
			qualifiers = qualifier(e.kind) + " " + qualifiers
		case kindTypeTag:
		case kindPtr:
			if strings.HasPrefix(text, "(") {
				text = " " + text
			}
			// Qualifiers so far are the pointer's own.
			text, qualifiers, starred = "*"+spaced(qualifiers, text), "", true
		case kindArray:
			if starred {
				text, starred = "("+text+")", false
			}
			text += fmt.Sprintf("[%d]", binary.NativeEndian.Uint32(e.data[8:]))
			id = binary.NativeEndian.Uint32(e.data)
		case kindFuncProto:
			if starred {
				text, starred = "("+text+")", false
			}
			text += "(" + parameters(e) + ")"
		default:
			return strings.TrimSpace(qualifiers + baseName(e) + " " + text)
		}
	}
	return name
}

func qualifier(k kind) string {
	switch k {
	case kindConst:
		return "const"
	case kindVolatile:
		return "volatile"
	}
	return "restrict"
}

// spaced puts a pointer's qualifiers before what it declares.
func spaced(qualifiers, text string) string {
	if qualifiers == "" {
		return text
	}
	return " " + strings.TrimSpace(qualifiers+text)
}

// baseName is the name of a type that is not made of another.
func baseName(e entry) string {
	switch e.kind {
	case kindVoid:
		return "void"
	case kindStruct, kindUnion, kindEnum, kindEnum64, kindFwd:
		if e.name == 0 {
			return head(e) + " {...}"
		}
		return head(e)
	}
	return e.file.text(e.name)
}

// parameters writes the parameters of a prototype.
func parameters(proto entry) string {
	params := proto.params()
	var list []string
	for _, p := range params {
		list = append(list, declaration(proto.file, p.typ, p.name))
	}
	if uint32(len(params)) < proto.vlen {
		list = append(list, "...")
	}
	if len(list) == 0 {
		return "void"
	}
	return strings.Join(list, ", ")
}
