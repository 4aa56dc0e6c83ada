package stdlib

// aggregationRows are the functions whose result can only be assigned to a map.
func aggregationRows() []Function {
	rows := []Function{
		{
			Name: "count", Result: "count",
			Doc:     "How often it was assigned.",
			Example: "tracepoint:sched:sched_switch { @[comm] = count(); }",
		},
		{
			Name: "sum", Params: params(req("n", "int")), Result: "sum",
			Doc:     "Sum of all values assigned.",
			Example: "kretprobe:vfs_read { @bytes[comm] = sum(retval); }",
		},
		{
			Name: "avg", Params: params(req("n", "int")), Result: "avg",
			Doc:     "Average of all values assigned.",
			Example: "kretprobe:vfs_read { @bytes[comm] = avg(retval); }",
		},
		{
			Name: "min", Params: params(req("n", "int")), Result: "min",
			Doc:     "Least of all values assigned.",
			Example: "kretprobe:vfs_read { @least = min(retval); }",
		},
		{
			Name: "max", Params: params(req("n", "int")), Result: "max",
			Doc:     "Greatest of all values assigned.",
			Example: "kretprobe:vfs_read { @greatest = max(retval); }",
		},
		{
			Name: "stats", Params: params(req("n", "int")), Result: "stats",
			Doc:     "Count, average and sum of all values assigned.",
			Example: "kretprobe:vfs_read { @[comm] = stats(retval); }",
		},
		{
			Name: "hist", Params: params(req("n", "int"), opt("bits", "const int")), Result: "hist",
			Doc:     "Histogram by powers of two, each divided into 2^bits buckets; bits is 0 to 5.",
			Example: "kretprobe:vfs_read { @ = hist(retval, 2); }",
		},
		{
			Name: "lhist", Result: "lhist",
			Params:  params(req("n", "int"), req("min", "const int"), req("max", "const int"), req("step", "const int")),
			Doc:     "Histogram with buckets of `step` each, from `min` (inclusive) to `max` (exclusive), and one more on either side. At most 1000 buckets.",
			Example: "kretprobe:vfs_read { @ = lhist(retval, 0, 2000, 200); }",
		},
		{
			Name: "tseries", Result: "tseries",
			Params: params(req("n", "int"), req("interval", "const int"), req("count", "const int"), opt("agg", "const string")),
			Doc: "Time series: the value in each of the last `count` intervals of `interval` nanoseconds (write `100ms`), less than " +
				"1000000 of them. Of several values in an interval the last counts, or with `agg` their \"avg\", \"max\", \"min\" or " +
				"\"sum\". Unstable: see the setting `unstable_tseries`.",
			Example: "interval:ms:10 { @ = tseries(rand % 10, 100ms, 20, \"min\"); }",
		},
	}
	for i := range rows {
		rows[i].Group = Aggregation
	}
	return rows
}
