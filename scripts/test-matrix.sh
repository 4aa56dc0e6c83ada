#!/bin/bash
# test-matrix.sh: what each kind of probe does on each kernel, as a table.
#
#   scripts/test-matrix.sh [KERNEL...]      (default 5.10 6.1 6.12 and the newest)
#
# Runs the TestVM tests of every package in a guest with each of the kernels
# (test-vm.sh), among them internal/matrix, which runs gotrace scripts for each
# provider and loads all examples and golden scripts. Prints a table of kernels
# by features: ok, skip where the kernel lacks what the feature needs (the
# reasons, which are gotrace's own words, are below the table), or FAIL. Fails
# if there is a FAIL, or if a kernel has no results at all.
#
# An emulated guest sometimes hangs when the machine is busy, which says nothing
# of gotrace: a kernel whose guest broke down (and whose tests did not fail) is
# run once more. (test-vm.sh says what is known of that.)
#
# GOTRACE_MATRIX_TIMEOUT is how many seconds a kernel may take (default 300).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
HERE=$(cd "$(dirname "$0")" && pwd -P)

KERNELS=("$@")
[ $# -gt 0 ] || KERNELS=(5.10 6.1 6.12 "$("$HERE/kernel.sh" newest)")
WORK=$(mktemp -d "${TMPDIR:-/tmp}/gotrace-test-matrix.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
export GOTRACE_VM_TIMEOUT=${GOTRACE_MATRIX_TIMEOUT:-300} GOTRACE_VM_PEERS=0
# Random scripts for as long as one likes: test-vm.sh runs these on one kernel.
export GOTRACE_VM_SKIP=^TestVMLoadable

status=0
for kernel in "${KERNELS[@]}"; do
	log=$WORK/log.$kernel
	for attempt in 1 2; do
		result=0
		"$HERE/test-vm.sh" "$kernel" >"$log" 2>&1 || result=$?
		grep -q '^--- FAIL' "$log" && break
		if [ "$result" = 0 ] || [ "$attempt" = 2 ]; then break; fi
		say "kernel $kernel: the guest broke down; once more"
	done
	tail -n 1 "$log" | sed "s/^/kernel $kernel: /"
	if [ "$result" != 0 ]; then
		status=1
		grep -e '^--- FAIL' -e '^    --- FAIL' -e '_test.go:' -e 'vm-run.sh:' -e 'NO TEST RAN' "$log" | cut -c 1-500 | head -n 60 || true
	fi
done

# The guest's lines end as a terminal's do.
cat "$WORK"/log.* | tr -d '\r' | awk -F '\t' -v kernels="${KERNELS[*]}" '
	$1 == "matrix" {
		if (!($3 in seen)) { seen[$3] = 1; order[++n] = $3 }
		cell[$3, $2] = $4
		if ($5 != "") why[$3, $2] = $5
		if (length($3) > width) width = length($3)
		have[$2] = 1
	}
	END {
		m = split(kernels, k, " ")
		printf "\n%-*s", width, "feature"
		for (i = 1; i <= m; i++) printf "  %-5s", k[i]
		print ""
		for (f = 1; f <= n; f++) {
			printf "%-*s", width, order[f]
			for (i = 1; i <= m; i++) {
				c = cell[order[f], k[i]]
				printf "  %-5s", c == "" ? "-" : c
				if (c == "FAIL" || c == "") bad = 1
			}
			print ""
		}
		print ""
		for (f = 1; f <= n; f++) for (i = 1; i <= m; i++)
			if (why[order[f], k[i]] != "") printf "%s, %s, %s: %s\n", k[i], order[f], cell[order[f], k[i]], why[order[f], k[i]]
		for (i = 1; i <= m; i++) if (!have[k[i]]) { print k[i] ": no results"; bad = 1 }
		exit bad
	}' || status=1
exit $status
