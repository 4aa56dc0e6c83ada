// Package probes knows the places where a script can act: it resolves attach
// points, lists what there is, and implements the type checker's World for the
// running system.
//
// Three parts meet here. A Kind is a provider ("tracepoint", "kprobe"): one
// row of the table and one file, which parses the parts after the colons and
// makes points of them. A World is a system to look names up in, put together
// from a few small sources: tracepoints, kernel functions, types, binaries. The
// live system has one set of them (NewLive), a pinned snapshot another
// (package snapshot); the kinds do not know the difference.
//
// Sources are lazy. A script with one tracepoint reads one file of tracefs and
// nothing else: no symbol table, no BTF.
package probes
