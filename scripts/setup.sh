#!/bin/bash
# setup.sh: what a fresh Debian machine needs to build and test gotrace.
#
#   scripts/setup.sh [build|test|vm|all]     (default: test, which includes build)
#
# Go is taken as given, since Debian's is too old; its version is checked
# against go.mod. gotrace itself needs nothing else: a C compiler is for the
# programs that tests trace (and sys/sdt.h for those with USDT probes), QEMU for
# other kernels (`make test-vm`). The peers are another script: peers.sh. Where
# all is there already, this takes no time and asks no mirror.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

WHAT=${1:-test}

command -v go >/dev/null || die "Go is not installed (or not in PATH)"
want=$(awk '$1 == "go" { print $2; exit }' "$REPO/go.mod")
have=$(GOTOOLCHAIN=local go env GOVERSION)
have=${have#go}
[ "$(printf '%s\n' "$want" "${have%% *}" | sort -V | head -1)" = "$want" ] ||
	die "Go $have is too old: go.mod asks for $want"
need make=make git=git

case $WHAT in
build | test | vm | all) ;;
*) die "usage: setup.sh [build|test|vm|all]" ;;
esac
if [ "$WHAT" != build ]; then
	need gcc=gcc /usr/include/stdio.h=libc6-dev \
		"/usr/include/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)/sys/sdt.h=systemtap-sdt-dev" \
		mountpoint=util-linux
	# A machine that may not mount it still runs the tests that need no kernel.
	mount_tracefs || say "NO TRACEFS: tests that attach probes will fail or be skipped"
	[ -r /sys/kernel/btf/vmlinux ] || say "NO BTF: this kernel doesn't describe its types"
fi
case $WHAT in
vm | all) need qemu-system-x86_64=qemu-system-x86 cpio=cpio ;;
esac
say "Go $have, $(uname -r), ready for: $WHAT"
