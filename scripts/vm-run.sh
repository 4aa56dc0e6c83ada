#!/bin/bash
# vm-run.sh: runs a command as root under another kernel, in QEMU.
#
#   scripts/vm-run.sh KERNEL [options] -- FILE [ARG...]
#
#   KERNEL           5.10, 6.1, 6.12, 7.2: see kernel.sh
#   --timeout S      gives up after S seconds (default 300)
#   --smp N          processors of the guest (default 2)
#   --mem M          its memory in MiB (default: what it carries, and 1024)
#   --file SRC[:DST] carries a file or a folder into the guest, as DST (default
#                    /bin/NAME for a program, /NAME for the rest). Again and again
#   --env NAME=VALUE sets a variable there
#   --cwd DIR        the folder to run in (default /, made if it's missing)
#   --peers          carries the bpftrace, ply and bpftool of scripts/peers.sh
#                    (in a root of their own, /peers), as /bin/bpftrace, ...
#   --append ARGS    more arguments for the guest's kernel (lockdown=integrity)
#   --console FILE   keeps what the guest's kernel says
#   FILE ARG...      the command: a program on this machine, which is carried
#                    along, or the name of one in the guest (sh, ls, ...: the
#                    guest has all of busybox)
#
# Prints what the command prints (both streams, as it comes) and exits with its
# exit code; 124 if the time ran out, 125 if the guest broke down before the
# command ended, with the end of the kernel's words.
#
# Why: what BPF can do differs from kernel to kernel, and a machine has one
# kernel, often with less in it than a tracer wants to be tested on (no kprobes,
# locked down). There is no image and no distribution in the guest: an initramfs
# with our own init (internal/vmtest/init), busybox and the files named. Shared
# libraries that a carried program needs are carried with it.
#
# QEMU emulates the processor (TCG): KVM is not there, or hangs, where the tests
# run. Expect a tenth of the speed. "max,-cx16" is because a guest with several
# processors crashes on an emulated cmpxchg16b.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
HERE=$(dirname "$0")

usage() { sed -n '2,/^set/{/^#/!q;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }

[ $# -ge 1 ] || usage
KERNEL=$1
shift
TIMEOUT=300
SMP=2
MEM=
CWD=/
APPEND=
CONSOLE=
PEERS=
FILES=()
ENVS=(PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TMPDIR=/tmp TERM=dumb LANG=C.UTF-8 USER=root
	GOTRACE_VM=1 "GOTRACE_VM_KERNEL=$KERNEL")
while [ $# -gt 0 ]; do
	case $1 in
	--timeout) TIMEOUT=$2 && shift 2 ;;
	--smp) SMP=$2 && shift 2 ;;
	--mem) MEM=$2 && shift 2 ;;
	--file) FILES+=("$2") && shift 2 ;;
	--env) ENVS+=("$2") && shift 2 ;;
	--cwd) CWD=$2 && shift 2 ;;
	--append) APPEND=$2 && shift 2 ;;
	--console) CONSOLE=$2 && shift 2 ;;
	--peers) PEERS=1 && shift ;;
	--) shift && break ;;
	*) usage ;;
	esac
done
[ $# -ge 1 ] || usage

need qemu-system-x86_64=qemu-system-x86 cpio=cpio
boot=$("$HERE/kernel.sh" "$KERNEL")
VMLINUZ=${boot%%$'\n'*}

WORK=$(mktemp -d "${TMPDIR:-/tmp}/gotrace-vm.XXXXXX")
QEMU=
WATCH=
# Only ever our own processes, by their ids.
# shellcheck disable=SC2317  # called by the trap
cleanup() {
	trap - EXIT INT TERM HUP
	set +e
	[ -z "$WATCH" ] || kill "$WATCH" 2>/dev/null
	[ -z "$QEMU" ] || { kill "$QEMU" 2>/dev/null && wait "$QEMU" 2>/dev/null; }
	rm -rf "$WORK"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

ROOT=$WORK/root
mkdir -p "$ROOT"/{bin,dev,etc/vm,lib,lib64,proc,root,run,sys,tmp,usr,var}
for dir in bin sbin lib lib64; do
	# One /bin, one /lib: a path that names the other way around works too.
	ln -s "../${dir/sbin/bin}" "$ROOT/usr/$dir"
done
ln -s bin "$ROOT/sbin"
ln -s /proc/self/mounts "$ROOT/etc/mtab"
echo root:x:0:0:root:/root:/bin/sh >"$ROOT/etc/passwd"
echo root:x:0: >"$ROOT/etc/group"
echo 127.0.0.1 localhost >"$ROOT/etc/hosts"

# libraries FILE...: carries the shared libraries of the dynamic ones. (On the
# others, and on what is no program, ldd fails.)
libraries() {
	local lib
	{ ldd "$@" 2>/dev/null || true; } | awk '$1 ~ /^\// && $1 !~ /:$/ { print $1 } $2 == "=>" && $3 ~ /^\// { print $3 }' |
		sort -u | while read -r lib; do
			[ -e "$ROOT$lib" ] || { mkdir -p "$ROOT${lib%/*}" && cp -L "$lib" "$ROOT$lib"; }
		done
}

# carry SRC DST
carry() {
	local src=$1 dst=$ROOT/${2#/} programs
	mkdir -p "${dst%/*}"
	if [ -d "$src" ]; then
		mkdir -p "$dst"
		cp -a "$src/." "$dst/"
		mapfile -d '' programs < <(find "$dst/" -type f -perm /111 -print0)
		[ ${#programs[@]} = 0 ] || libraries "${programs[@]}"
	else
		cp -L --preserve=mode,timestamps "$src" "$dst"
		[ -x "$src" ] && libraries "$src"
	fi
	return 0
}

# The init is built from this checkout, always: Go's build cache knows if it
# has to be built anew.
(cd "$REPO" && CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$ROOT/init" ./internal/vmtest/init)

BUSYBOX=$CACHE/busybox/bin/busybox
if [ ! -x "$BUSYBOX" ]; then
	"$HERE/apt-suite.sh" bookworm unpack "$CACHE/busybox.$$" busybox-static
	# (Who comes second finds it there.)
	mv -T "$CACHE/busybox.$$" "$CACHE/busybox" 2>/dev/null || rm -rf "$CACHE/busybox.$$"
fi
cp "$BUSYBOX" "$ROOT/bin/busybox"

for file in "${FILES[@]}"; do
	src=${file%%:*}
	[ -e "$src" ] || die "no such file: $src"
	case $file in
	*:*) dst=${file#*:} ;;
	*) if [ -f "$src" ] && [ -x "$src" ]; then dst=/bin/${src##*/}; else dst=/$(basename "$src"); fi ;;
	esac
	carry "$src" "$dst"
done

# The peers keep a root of their own, as their libraries are another Debian's.
if [ -n "$PEERS" ]; then
	peers=$("$HERE/peers.sh" env | sed -n 's/^GOTRACE_PEERS=//p')
	[ -x "$peers/usr/bin/bpftrace" ] || die "no bpftrace in $peers: run scripts/peers.sh first"
	mkdir -p "$ROOT"/peers/{usr/bin,usr/sbin,usr/lib,usr/lib64,etc,root}
	for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$ROOT/peers/$dir"; done
	for program in bin/bpftrace sbin/bpftool sbin/ply; do
		[ -x "$peers/usr/$program" ] || continue
		cp "$peers/usr/$program" "$ROOT/peers/usr/$program"
		chroot "$peers" ldd "/usr/$program" |
			awk '$1 ~ /^\// { print $1 } $2 == "=>" && $3 ~ /^\// { print $3 }' |
			while read -r lib; do
				[ -e "$ROOT/peers$lib" ] && continue
				mkdir -p "$ROOT/peers${lib%/*}"
				cp -L "$peers$lib" "$ROOT/peers$lib"
			done
		printf '#!/bin/sh\nexec chroot /peers /usr/%s "$@"\n' "$program" >"$ROOT/bin/${program#*/}"
		chmod +x "$ROOT/bin/${program#*/}"
	done
	cp "$ROOT"/etc/{passwd,group,hosts} "$ROOT/peers/etc/"
	ENVS+=(GOTRACE_PEERS=/peers)
fi

CMD=$1
shift
if [[ $CMD == */* ]] && [ -f "$CMD" ]; then
	carry "$CMD" "/bin/${CMD##*/}"
	CMD=/bin/${CMD##*/}
elif [[ $CMD != /* ]]; then
	CMD=/bin/$CMD
fi
printf '%s\0' "$CMD" "$@" >"$ROOT/etc/vm/cmd"
printf '%s\0' "${ENVS[@]}" >"$ROOT/etc/vm/env"
printf '%s\0' "$CWD" >"$ROOT/etc/vm/cwd"
mkdir -p "$ROOT/$CWD"

# Not compressed: unpacking is what would take an emulated processor long.
(cd "$ROOT" && find . -print0 | cpio --null --quiet -o -H newc -R 0:0) >"$WORK/initramfs"
SIZE=$(($(stat -c %s "$WORK/initramfs") / 1048576))
rm -rf "$ROOT"
# Twice the initramfs, since it's there packed and unpacked for a moment.
[ -n "$MEM" ] || MEM=$((1024 + 2 * SIZE))

# "quiet" and our own serial ports for output and result: see the init. An oops
# is a panic, and a panic reboots at once, which -no-reboot makes an exit.
qemu-system-x86_64 -accel tcg -cpu max,-cx16 -smp "$SMP" -m "$MEM" \
	-nodefaults -no-user-config -display none -monitor none -no-reboot \
	-kernel "$VMLINUZ" -initrd "$WORK/initramfs" \
	-append "console=ttyS0 quiet panic=-1 oops=panic mitigations=off nowatchdog $APPEND" \
	-serial "file:$WORK/console" -serial stdio -serial "file:$WORK/result" </dev/null &
QEMU=$!
(
	# The sleep is this subshell's own child and ends with it.
	sleep "$TIMEOUT" &
	trap 'kill $!; exit' TERM
	wait $!
	touch "$WORK/timeout"
	kill "$QEMU"
) >/dev/null 2>&1 &
WATCH=$!

status=0
wait "$QEMU" || status=$?
QEMU=
[ -z "$CONSOLE" ] || cp "$WORK/console" "$CONSOLE"
if read -r word rest <"$WORK/result" && [ "$word" = exit ]; then
	exit "$rest"
fi
if [ "${word:-}" = error ]; then
	say "$KERNEL: the guest could not run the command: $rest"
	exit 125
elif [ -e "$WORK/timeout" ]; then
	say "$KERNEL: gave up after $TIMEOUT seconds"
	status=124
else
	say "$KERNEL: the guest broke down (QEMU's exit code: $status)"
	status=125
fi
say "the end of what its kernel said:"
tail -n 40 "$WORK/console" | tr -d '\r' >&2
exit "$status"
