// Package vmtest is the virtual machine's side of `make test-vm`: the first
// program of the guest (init) and a test of what tests may rely on there. The
// host's side is scripts/vm-run.sh and scripts/test-vm.sh, where the guest is
// described.
package vmtest
