package tracefs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Format is the layout of a tracepoint's record, from its format file.
type Format struct {
	Name string
	ID   uint64
	// Fields are those of the tracepoint itself. The common fields before them
	// are left out: BPF programs may not read the first eight bytes of the
	// record.
	Fields []Field
}

// Field is a field of a record.
type Field struct {
	// Declaration is the field as the file has it: "char prev_comm[16]".
	Declaration string
	// Type is the declaration without the name, the array and __data_loc.
	Type string
	Name string
	// Array tells that the field is one of Len elements; Len is zero if the
	// file does not say how many.
	Array bool
	Len   int
	// DataLoc marks a field whose data is elsewhere in the record: the four
	// bytes at Offset say where and how long.
	DataLoc bool
	// RelLoc marks a DataLoc field whose place counts from its own end.
	RelLoc bool
	Offset int
	Size   int
	Signed bool
}

// ParseFormat parses a format file. It has, after the name and the number, the
// common fields, a blank line, the fields, a blank line and the print format.
func ParseFormat(text string) (*Format, error) {
	format := &Format{}
	group := 0 // of fields: 0 before any, 1 common, 2 the event's own
	blank := true
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, rest, _ := strings.Cut(line, ":")
		switch {
		case line == "":
			blank = true
		case name == "name":
			format.Name = strings.TrimSpace(rest)
		case name == "ID":
			id, err := strconv.ParseUint(strings.TrimSpace(rest), 10, 64)
			if err != nil {
				return nil, fmt.Errorf("bad number %q", rest)
			}
			format.ID = id
		case name == "print fmt":
			return format, check(format)
		case name == "field":
			field, err := parseField(line)
			if err != nil {
				return nil, err
			}
			if blank || group == 0 {
				group++
			}
			blank = false
			if group > 1 || !strings.HasPrefix(field.Name, "common_") {
				format.Fields = append(format.Fields, field)
			}
		}
	}
	return format, check(format)
}

func check(f *Format) error {
	if f.Name == "" {
		return errors.New("it has no name")
	}
	return nil
}

// parseField parses "field:DECLARATION;\toffset:N;\tsize:N;\tsigned:N;".
func parseField(line string) (Field, error) {
	var field Field
	for part := range strings.SplitSeq(line, ";") {
		key, value, ok := strings.Cut(strings.TrimSpace(part), ":")
		if !ok {
			continue
		}
		var err error
		switch key {
		case "field":
			err = field.declare(value)
		case "offset":
			field.Offset, err = number(value)
		case "size":
			field.Size, err = number(value)
		case "signed":
			field.Signed = value == "1"
		}
		if err != nil {
			return Field{}, fmt.Errorf("field %q: %w", line, err)
		}
	}
	if field.Name == "" {
		return Field{}, fmt.Errorf("field %q has no name", line)
	}
	return field, nil
}

// maxRecord is above any record's size: perf's largest is PERF_MAX_TRACE_SIZE,
// 8192 (include/linux/trace_events.h).
const maxRecord = 1 << 16

func number(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxRecord {
		return 0, fmt.Errorf("bad number %q", text)
	}
	return n, nil
}

// declare takes a declaration apart.
func (f *Field) declare(text string) error {
	f.Declaration = strings.TrimSpace(text)
	rest := f.Declaration
	if after, ok := strings.CutPrefix(rest, "__data_loc "); ok {
		f.DataLoc, rest = true, after
	} else if after, ok := strings.CutPrefix(rest, "__rel_loc "); ok {
		f.DataLoc, f.RelLoc, rest = true, true, after
	}
	// "char name[16]", and of a dynamic array "char[] name".
	if open := strings.IndexByte(rest, '['); open >= 0 {
		length, after, ok := strings.Cut(rest[open+1:], "]")
		if !ok {
			return errors.New("no ] after [")
		}
		f.Array = true
		// Some lengths are names or expressions: then the size has to do.
		if n, err := number(strings.TrimSpace(length)); err == nil {
			f.Len = n
		}
		if second := strings.IndexByte(after, '['); second >= 0 {
			after = after[:second]
		}
		rest = rest[:open] + after
	}
	end := strings.LastIndexAny(rest, " \t*")
	if end < 0 {
		return errors.New("a type or a name is missing")
	}
	f.Type = strings.TrimSpace(rest[:end+1])
	f.Name = rest[end+1:]
	return nil
}
