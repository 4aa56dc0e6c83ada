// Package matrix holds the tests that show what each kind of probe does on
// each kernel: scripts of testdata/*.txt, run by gotrace in a guest with that
// kernel (make test-matrix), and the table made of them.
//
// A case is either right everywhere or names what it needs of the kernel. Where
// gotrace --info says that a kernel lacks that, gotrace has to refuse the script
// in one line that says so: this line is the reason in the table.
package matrix
