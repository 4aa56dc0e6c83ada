package user

import (
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"io/fs"
	"sync"

	"github.com/gotrace/gotrace/lang/types"
)

// DebugInfo answers from the DWARF of binaries what functions take. Each binary
// is opened when first asked about. It is safe for concurrent use.
//
// Records are incomplete behind pointers, as those of the kernel; they are known
// by negative IDs, which say where to look for their members.
type DebugInfo struct {
	mu      sync.Mutex
	files   map[string]*dwarf.Data
	records []*dwarf.StructType // of ID -1, -2, ...
	ids     map[*dwarf.StructType]int64
}

// NewDebugInfo returns an empty one.
func NewDebugInfo() *DebugInfo {
	return &DebugInfo{files: map[string]*dwarf.Data{}, ids: map[*dwarf.StructType]int64{}}
}

// Arguments returns the arguments of the function at an address of a binary as a
// record with member i at offset 8*i. It ends before the first that is not in
// one integer register. A nil record says that there is no such information.
func (d *DebugInfo) Arguments(path string, address uint64) (*types.Type, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	data, err := d.open(path)
	if err != nil || data == nil {
		return nil, err
	}
	r := data.Reader()
	if _, err := r.SeekPC(address); err != nil {
		return nil, nil // assembly, or compiled without -g
	}
	for {
		e, err := r.Next()
		if err != nil || e == nil || e.Tag == dwarf.TagCompileUnit {
			return nil, err
		}
		if e.Tag == dwarf.TagSubprogram {
			if low, ok := e.Val(dwarf.AttrLowpc).(uint64); ok && low == address {
				return d.parameters(data, r, e)
			}
			r.SkipChildren()
		}
	}
}

// open returns the DWARF of a file, nil if it has none or is written in Go,
// whose functions take their arguments in other registers.
func (d *DebugInfo) open(path string) (*dwarf.Data, error) {
	if data, ok := d.files[path]; ok {
		return data, nil
	}
	file, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var data *dwarf.Data
	if !isGo(file) && (file.Section(".debug_info") != nil || file.Section(".zdebug_info") != nil) {
		if data, err = file.DWARF(); err != nil {
			return nil, fmt.Errorf("debug information of %s: %w", path, err)
		}
	}
	d.files[path] = data
	return data, nil
}

// parameters collects the formal parameters below a function's entry.
func (d *DebugInfo) parameters(data *dwarf.Data, r *dwarf.Reader, fn *dwarf.Entry) (*types.Type, error) {
	args := &types.Type{Kind: types.Record, Name: "args"}
	for fn.Children {
		e, err := r.Next()
		if err != nil || e == nil || e.Tag == 0 {
			return args, err
		}
		r.SkipChildren()
		if e.Tag != dwarf.TagFormalParameter {
			continue
		}
		name, typ, err := parameter(data, e)
		if err != nil {
			return nil, err
		}
		t := d.convert(typ, 0, false)
		if !t.Scalar() || t.Size > 8 || name == "" {
			return args, nil
		}
		args.Members = append(args.Members, types.Member{Name: name, Type: t, Offset: args.Size})
		args.Size += 8
	}
	return args, nil
}

// parameter is the name and type of a parameter, which an instance of an
// inlined function has from its origin.
func parameter(data *dwarf.Data, e *dwarf.Entry) (string, dwarf.Type, error) {
	for range 4 {
		name, _ := e.Val(dwarf.AttrName).(string)
		if offset, ok := e.Val(dwarf.AttrType).(dwarf.Offset); ok {
			typ, err := data.Type(offset)
			return name, typ, err
		}
		origin, ok := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset)
		if !ok {
			break
		}
		r := data.Reader()
		r.Seek(origin)
		next, err := r.Next()
		if err != nil || next == nil {
			return "", nil, err
		}
		e = next
	}
	return "", &dwarf.VoidType{}, nil
}

// Record completes a record by its ID.
func (d *DebugInfo) Record(id int64) (types.Type, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if id >= 0 || -id > int64(len(d.records)) {
		return types.Type{}, &fs.PathError{Op: "find", Path: "a record", Err: fs.ErrNotExist}
	}
	return d.record(d.records[-id-1], 0, false), nil
}

// maxNesting is above the nesting of any type in C.
const maxNesting = 32

// convert makes a type of one of DWARF; behind a pointer, records stay
// incomplete.
func (d *DebugInfo) convert(t dwarf.Type, depth int, behind bool) types.Type {
	if depth > maxNesting {
		return types.VoidType()
	}
	size := int(max(t.Size(), 0))
	switch t := t.(type) {
	case *dwarf.TypedefType:
		return d.convert(t.Type, depth+1, behind)
	case *dwarf.QualType:
		return d.convert(t.Type, depth+1, behind)
	case *dwarf.BoolType:
		return types.BoolType()
	case *dwarf.IntType, *dwarf.CharType:
		if size <= 8 {
			return types.IntOf(size, true)
		}
	case *dwarf.UintType, *dwarf.UcharType:
		if size <= 8 {
			return types.IntOf(size, false)
		}
	case *dwarf.EnumType:
		e := types.Type{Kind: types.Enum, Size: size}
		if t.EnumName != "" {
			e.Name = "enum " + t.EnumName
		}
		for _, v := range t.Val {
			e.Enumerators = append(e.Enumerators, types.Enumerator{Name: v.Name, Value: v.Val})
		}
		return e
	case *dwarf.PtrType:
		return types.PointerTo(d.convert(t.Type, depth+1, true), types.User)
	case *dwarf.StructType:
		return d.record(t, depth, behind)
	case *dwarf.ArrayType:
		return types.ArrayOf(d.convert(t.Type, depth+1, behind), int(max(t.Count, 0)))
	case *dwarf.FuncType:
		return types.Type{Kind: types.Func}
	case *dwarf.VoidType:
		return types.VoidType()
	}
	// A float and whatever comes later: bytes.
	return types.ArrayOf(types.Uint8(), size)
}

// record converts a struct, union or class.
func (d *DebugInfo) record(t *dwarf.StructType, depth int, behind bool) types.Type {
	id, ok := d.ids[t]
	if !ok {
		d.records = append(d.records, t)
		id = -int64(len(d.records))
		d.ids[t] = id
	}
	r := types.Type{Kind: types.Record, Size: int(max(t.ByteSize, 0)), Union: t.Kind == "union", ID: id}
	if t.StructName != "" {
		r.Name = "struct " + t.StructName
		if r.Union {
			r.Name = "union " + t.StructName
		}
	}
	if behind {
		r.Incomplete = true
		return r
	}
	r.Members = make([]types.Member, 0, len(t.Field))
	for _, f := range t.Field {
		m := types.Member{Name: f.Name, Type: d.convert(f.Type, depth+1, false), Offset: int(f.ByteOffset)}
		if f.BitSize != 0 {
			bits := f.DataBitOffset
			unit := 8 * int64(max(m.Type.Size, 1))
			m.BitSize, m.Offset, m.BitOffset = int(f.BitSize), int(bits/unit*unit/8), int(bits%unit)
		}
		r.Members = append(r.Members, m)
	}
	return r
}
