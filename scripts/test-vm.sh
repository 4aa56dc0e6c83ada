#!/bin/bash
# test-vm.sh: runs the tests that want another kernel, or one of their own.
#
#   scripts/test-vm.sh [KERNEL...]      (default 6.12; any of 5.10 6.1 6.12 7.2)
#
# Why: the machine that develops and checks gotrace has one kernel, which may
# lack what is to be tested (kprobes) and can't show how gotrace does on others.
# A test whose name begins with TestVM runs in a virtual machine of its own kind
# (vm-run.sh), as root, with nothing else going on; everywhere else it skips, by
# looking at GOTRACE_VM.
#
# For such a test the guest looks like `go test` outside: it is in its package's
# folder, /src/PACKAGE, with testdata beside it and with the repository's
# testdata, examples and go.mod at their places above. Environment:
#   GOTRACE_VM=1, GOTRACE_VM_KERNEL=6.12, GOTRACE_BIN=/bin/gotrace,
#   GOTRACE_PEERS=/peers where peers.sh has been run: then /bin/bpftrace, ply
#   and bpftool are there too (each a `chroot /peers /usr/bin/bpftrace`; what
#   they see is /tmp, and the rest of the guest under /host).
# The guest has no compiler: each testdata/**/NAME.c is compiled here, with gcc,
# to testdata/**/NAME in the guest (cc-flags in its first line that reads
# "// cc: FLAGS").
#
# Of this script's own: GOTRACE_VM_RUN (what tests, default ^TestVM),
# GOTRACE_VM_SKIP (and which of these not, default none),
# GOTRACE_VM_TIMEOUT (seconds for a kernel, default 1500), GOTRACE_VM_PEERS=0
# (leaves the peers out), GOTRACE_VM_SMP (processors, default 1).
#
# One processor, because while the branch of a tracepoint is patched the kernel
# puts an int3 there: a second emulated processor that runs it at that moment
# (the scheduler does, all the time) sometimes keeps the int3 it translated and
# traps for ever, with the run queue locked. With one processor nobody runs what
# is being patched. What needs several is tested on the host.
#
# Prints go test's output, for each kernel a line per package, and at the end
# how many tests passed. Fails if one failed, or if none ran at all.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
HERE=$(cd "$(dirname "$0")" && pwd -P)

KERNELS=("$@")
[ $# -gt 0 ] || KERNELS=(6.12)
RUN=${GOTRACE_VM_RUN:-^TestVM}
TIMEOUT=${GOTRACE_VM_TIMEOUT:-1500}

"$HERE/setup.sh" vm
cd "$REPO"

export CGO_ENABLED=0
if grep -qs '^bin/gotrace:' Makefile; then
	make --no-print-directory bin/gotrace
elif [ -f Makefile ]; then
	make --no-print-directory
else
	go build -o bin/gotrace ./cmd/gotrace
fi

WORK=$(mktemp -d "${TMPDIR:-/tmp}/gotrace-test-vm.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
mkdir -p "$WORK/src" "$WORK/tests"

# copy FOLDER: into the guest's /src, with its C programs compiled.
copy() {
	local c flags
	[ -d "$1" ] || return 0
	mkdir -p "$WORK/src/$1"
	cp -a "$1/." "$WORK/src/$1/"
	find "$WORK/src/$1" -name '*.c' -type f | while read -r c; do
		flags=$(sed -n 's|^// cc: ||p;T;q' "$c")
		# shellcheck disable=SC2086  # they are several
		gcc -g -O1 -fno-omit-frame-pointer -o "${c%.c}" "$c" ${flags:-} ||
			say "gcc cannot compile $c: the guest goes without it"
	done
}

copy testdata
copy examples
cp go.mod "$WORK/src/"

mapfile -t packages < <(grep -rl --include='*_test.go' '^func TestVM' . 2>/dev/null |
	grep -v -e /testdata/ -e '^\./\.' | xargs -r -n1 dirname | sort -u)
[ ${#packages[@]} -gt 0 ] || die "no package has a test whose name begins with TestVM"

# What the guest runs. Package times are the guest's.
cat >"$WORK/run" <<'GUEST'
#!/bin/sh
failed=0
package() { # IMPORT FOLDER BINARY
	cd "/src/$2" || return
	read -r began rest </proc/uptime
	if "/tests/$3" $FLAGS; then result="ok  "; else result=FAIL failed=1; fi
	read -r ended rest </proc/uptime
	awk -v a="$began" -v b="$ended" -v r="$result" -v p="$1" \
		'BEGIN { printf "%s\t%s\t%.3fs\n", r, p, b - a }'
}
GUEST
i=0
for package in "${packages[@]}"; do
	folder=${package#./}
	i=$((i + 1))
	go test -c -o "$WORK/tests/$i.test" "$package"
	mkdir -p "$WORK/src/$folder"
	copy "$folder/testdata"
	printf 'package %q %q %q\n' "$(go list "$package")" "$folder" "$i.test" >>"$WORK/run"
done
# shellcheck disable=SC2016  # for the guest's shell
echo 'exit $failed' >>"$WORK/run"
chmod +x "$WORK/run"

options=()
if [ "${GOTRACE_VM_PEERS:-1}" != 0 ]; then
	peers=$("$HERE/peers.sh" env | sed -n 's/^GOTRACE_PEERS=//p')
	if [ -x "$peers/usr/bin/bpftrace" ]; then
		options+=(--peers)
	else
		say "no bpftrace to compare with in the guest: scripts/peers.sh installs it"
	fi
fi

status=0
for kernel in "${KERNELS[@]}"; do
	say "kernel $kernel: ${#packages[@]} package(s)"
	began=$SECONDS
	# go test's own limit comes first, since it says where the test hangs.
	"$HERE/vm-run.sh" "$kernel" --timeout "$TIMEOUT" --smp "${GOTRACE_VM_SMP:-1}" "${options[@]}" \
		--file bin/gotrace:/bin/gotrace --file "$WORK/src:/src" --file "$WORK/tests:/tests" \
		--file "$WORK/run:/run-tests" --env GOTRACE_BIN=/bin/gotrace \
		--env "FLAGS=-test.v -test.paniconexit0 -test.timeout=$((TIMEOUT * 9 / 10))s -test.run=$RUN${GOTRACE_VM_SKIP:+ -test.skip=$GOTRACE_VM_SKIP}" \
		-- sh /run-tests | tee "$WORK/log.$kernel" || {
		status=1
		say "kernel $kernel: FAILED"
	}
	say "kernel $kernel: $((SECONDS - began)) s"
done

# Only tests, not their subtests. The plain line is what a CI reads.
count() { cat "$WORK"/log.* | grep -c "^--- $1: Test" || true; }
passed=$(count PASS)
failed=$(count FAIL)
# A guest that hung or broke down is a failure that no test could print.
[ "$status" = 0 ] || [ "$failed" -gt 0 ] || failed=1
skipped=$(count SKIP)
if [ $((passed + failed)) = 0 ]; then
	say "NO TEST RAN"
	status=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
