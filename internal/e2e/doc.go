// Package e2e holds the tests that drive the built gotrace as a person would:
// on the real kernel, through the command line, against workloads that make a
// known number of events.
//
// Nothing is exported. The tests need root for everything that loads a program
// into the kernel, and skip with the reason where they do not have it. What is
// compared with bpftrace lies in testdata/diff: a case is a file, and adding a
// file adds a case. Each file holds the output that bpftrace printed, so that
// the comparison works where bpftrace is not installed; where it is, the file
// itself is checked against it as well.
//
//	GOTRACE_BIN=path   test this binary in place of a fresh build
//	GOTRACE_PEERS_BIN  the folder with bpftrace, see scripts/peers.sh
package e2e
