package stdlib

import "github.com/gotrace/gotrace/lang/types"

// machineRows is about the machine and its processors.
func machineRows() []Function {
	return []Function{
		{
			Name: "cpu", Bare: true, Result: "uint64", Type: types.Uint64(),
			Doc:     "Number of the processor that the event happened on.",
			Example: "tracepoint:sched:sched_switch { @[cpu] = count(); }",
		},
		{
			Name: "ncpus", Bare: true, Result: "uint64", Type: types.Uint64(),
			Doc:     "Number of processors of the machine.",
			Example: "begin { for ($cpu : 0..ncpus) { print($cpu); } }",
		},
		{
			Name: "numaid", Bare: true, Result: "uint32", Type: types.Uint32(),
			Doc:     "Number of the NUMA node that the event happened on.",
			Example: "tracepoint:sched:sched_switch { @[numaid] = count(); }",
		},
		{
			Name: "rand", Bare: true, Result: "uint32", Type: types.Uint32(),
			Doc:     "A pseudo-random number.",
			Example: "interval:ms:10 { @ = lhist(rand % 10, 0, 10, 1); }",
		},
		{
			Name: "usermode", Bare: true, Result: "uint8", Type: types.Uint8(),
			Doc:     "One if the event happened in user mode, zero otherwise: in a profile, what the interrupted code ran in.",
			Example: "profile:hz:99 { @[usermode] = count(); }",
		},
	}
}
