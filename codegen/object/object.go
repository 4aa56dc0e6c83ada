// Package object is the product of code generation and the only contract
// between it and the runtime: BPF programs and maps to load, and a manifest
// that says where to attach them and what the bytes they produce mean.
//
// The manifest is plain data. Ids are given in script order in one place, so
// the same script and target give the same object, byte for byte.
package object

import (
	"github.com/cilium/ebpf"

	"github.com/gotrace/gotrace/lang/point"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/types"
)

// Object is a compiled script.
type Object struct {
	// Spec holds the programs and maps under the names the manifest uses.
	// Loading must not change it.
	Spec     *ebpf.CollectionSpec
	Manifest Manifest
}

// Manifest describes an Object to the runtime.
type Manifest struct {
	Programs []Program
	Maps     []Map
	Events   []Event
	Losses   []Loss
	Stacks   []StackMap
	// ProbeNames are what a ProbeName value (an index) prints as.
	ProbeNames []string
	// Strings are texts that values refer to by index (strftime formats).
	Strings []string
	// Ring is the name of the ring buffer map, empty if there are no events.
	// LossMap is the per-CPU array of uint64 counters indexed as Losses.
	Ring    string
	LossMap string
	// PrintOrder lists the maps to print at exit (indices into Maps), which is
	// the order of their names as bpftrace prints them.
	PrintOrder []int

	PrintMapsOnExit bool
	StrTruncTrailer string
	MaxCatBytes     int
	RingBufferPages int // zero: chosen by the runtime
	MissingProbes   string
	StackMode       types.StackMode
}

// Program is one loaded program and the points it is attached to.
type Program struct {
	// Name is the key in Spec.Programs.
	Name    string
	Context point.Context
	Points  []point.Point
	// Cookies holds a cookie for each point (an index into ProbeNames), or is
	// empty when the program does not ask for one.
	Cookies []uint64
	// Multi says that the program was built for one multi-link over all points
	// (expected attach type kprobe_multi or uprobe_multi).
	Multi bool
	// Role is "begin", "end", "interval", "self", "test" or "bench" for Timer
	// programs.
	Role string
	// Clauses are the clauses it runs, in order, for messages.
	Clauses []int
	Span    source.Span
}

// Storage says how a map of the script is kept in the kernel.
type Storage string

// The storages. A key is the C layout of Map.Key; "value" that of Map.Value or
// of the aggregation: count: u64; sum: i64/u64 v, u64 set; avg and stats: i64 sum,
// u64 count; min and max: i64/u64 v, u64 set.
const (
	// ArrayCell is ARRAY or PERCPU_ARRAY with one entry: value, then (plain
	// values only) a u64 at the next multiple of 8 that is not zero once the map
	// was set. An aggregation of count is set when not zero.
	ArrayCell Storage = "cell"
	// HashTable is a HASH or LRU_HASH (or per-CPU kin): key -> value.
	HashTable Storage = "hash"
	// BucketArray is PERCPU_ARRAY: bucket number -> u64. Scalar hist and lhist.
	// The bucket of hist(n, k), with l the position of n's highest bit: 0 for
	// negative n, n+1 for n < 2^k, else ((l-k+1)<<k | (n>>(l-k) & (2^k-1))) + 1.
	// That of lhist(n, min, max, step): 0 below min, (n-min)/step + 1 below max,
	// else (max-min)/step + 1.
	BucketArray Storage = "buckets"
	// BucketHash is PERCPU_HASH: key, padded to 8, then u64 bucket number ->
	// u64. Keyed hist and lhist.
	BucketHash Storage = "buckethash"
	// SeriesHash is PERCPU_HASH: key (if there is one), padded to 8, then u64
	// slot -> i64/u64 value, u64 meta, u64 epoch, of tseries. The epoch is the
	// number of the interval: nanoseconds of the wall clock over the interval's
	// length; the slot is the epoch modulo the number of intervals. The value is
	// a sum for sum and avg, and meta the time of the last value for "", the
	// count of values for the others (1 for min and max). Epoch 0 is none.
	SeriesHash Storage = "serieshash"
)

// Map is a map of the script.
type Map struct {
	Name    string // as in the script, without "@"
	Spec    string // the key in Spec.Maps
	Key     *types.Type
	Value   types.Type
	Storage Storage
	PerCPU  bool
	// MaxEntries is what the map holds, for the message that it is full.
	MaxEntries int
	Span       source.Span
}

// StackMap is a hash from stack id (u64) to the stack: Depth u64 addresses,
// the first zero ending it.
type StackMap struct {
	Spec  string
	User  bool
	Depth int
	// BuildID says that a frame is not an address but a struct
	// bpf_stack_build_id (linux/bpf.h) of 32 bytes; a status (its first four
	// bytes) of zero ends the stack.
	BuildID bool
}

// EventKind says what user space does when an event arrives.
type EventKind string

// The kinds of event.
const (
	EventPrintf     EventKind = "printf"
	EventErrorf     EventKind = "errorf" // stderr, with the place in the script
	EventWarnf      EventKind = "warnf"
	EventPrintMap   EventKind = "print_map"   // Map, Top, Div; or Format: the percentiles to print of it
	EventPrintElem  EventKind = "print_elem"  // Map; Args[0] is the key
	EventPrintValue EventKind = "print_value" // Args[0]
	EventClear      EventKind = "clear"       // Map
	EventZero       EventKind = "zero"        // Map
	EventTime       EventKind = "time"        // Format is strftime's
	EventExit       EventKind = "exit"        // Args[0], if there, is the exit code
	EventJoin       EventKind = "join"        // Args: strings to join, empty behind the last; Format is the delimiter
	EventSystem     EventKind = "system"      // printf into a shell command
	EventCat        EventKind = "cat"         // printf into a path
)

// Event is one place in the script that sends records. A record is
//
//	u32 event id (index into Manifest.Events), u32 zero,
//	then each argument at Args[i].Offset from the start of the record.
//
// A dynamic argument (a string or buffer) has at its offset a u32 length, and
// its bytes follow the fixed part of FixedSize bytes, those of several dynamic
// arguments one after the other without padding, in order. A string's length
// does not count a NUL; one that fills Args[i].Type.Size-1 may be cut.
type Event struct {
	Kind      EventKind
	Format    string
	Args      []EventArg
	FixedSize int
	Map       int // index into Maps, or -1
	Top, Div  int // of print(@x, top, div); zero when not given
	Clause    int
	Span      source.Span
}

// EventArg is one argument in a record.
type EventArg struct {
	Type    types.Type
	Offset  int
	Dynamic bool
	// Literal is the text of a string literal, which then is not in the record.
	Literal *string
}

// Cause is why something was lost.
type Cause string

// The causes.
const (
	LossRing     Cause = "ring buffer full"
	LossMapFull  Cause = "map full"
	LossUpdate   Cause = "map update failed"
	LossStack    Cause = "stack not stored"
	LossScratch  Cause = "no scratch memory"
	LossDivision Cause = "division by zero"
	LossRead     Cause = "memory read failed"
	LossLoop     Cause = "loop limit reached"
)

// Loss is one counter of things lost: its index is the key in LossMap.
type Loss struct {
	Cause  Cause
	Clause int    // index of the typed.Clause
	Probe  string // the probe as written in the script, for messages
	Map    string // of LossMapFull and LossUpdate: "@name"
	Span   source.Span
}
