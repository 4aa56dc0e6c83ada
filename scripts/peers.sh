#!/bin/bash
# peers.sh: the programs that gotrace is measured against and compared with.
#
#   scripts/peers.sh            set up (once; then it only checks and mounts)
#   scripts/peers.sh bookworm   also bpftrace 0.17, as bpftrace-0.17
#   scripts/peers.sh env        prints GOTRACE_PEERS=... and the wrappers' folder
#   scripts/peers.sh umount     takes the mounts away
#   scripts/peers.sh uninstall  that, and removes the folders
#
# Why: Debian stable's bpftrace is years old, and the machine's own packages
# must stay as they are. So a minimal Debian sid is put in a folder of the cache
# ($GOTRACE_PEERS, by default CACHE/peers/sid) with bpftrace, ply and bpftool,
# and is run by chroot. Everything slow is done here, once: the wrappers in
# CACHE/peers/bin are one `exec chroot`, so that signals and pids are the
# program's own and a benchmark measures the program. A benchmark that wants
# not even a shell in front calls `chroot $GOTRACE_PEERS /usr/bin/bpftrace`.
#
# What the peers see: their own /proc, /sys (tracefs, debugfs, bpffs and cgroup2
# in it) and /dev, /tmp and this repository at the paths they have outside, and
# all of the machine's root under /host, so a uprobe on the machine's bash is
# uprobe:/host/bin/bash:readline. The repository and /host are mounted READ ONLY,
# so that a careless `rm -rf` of the cache can't reach them; /tmp can't be, since
# bpftrace writes there. So `peers.sh umount` before removing the cache.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

PEERS=${GOTRACE_PEERS:-$CACHE/peers/sid}
TOP=$(dirname "$PEERS")
OLD=$TOP/bookworm
BIN=$TOP/bin
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
PATH=$PATH:/usr/sbin:/sbin

# bootstrap SUITE ROOT PACKAGES: a minimal Debian in a folder, moved into place
# only when it's whole.
bootstrap() {
	local suite=$1 root=$2 packages=$3 log=$TOP/debootstrap-$1.log keyring=$KEYRING
	[ -x "$root/usr/bin/bpftrace" ] && return 0
	need debootstrap=debootstrap "$KEYRING=debian-archive-keyring"
	[ -e "$root.partial" ] && { umount_all "$root.partial"; rm -rf --one-file-system "$root.partial"; }
	# Brings newer archive keys where the machine's don't know the suite's.
	"$(dirname "$0")/apt-suite.sh" "$suite" update
	[ -s "$CACHE/apt/keyring.gpg" ] && keyring=$CACHE/apt/keyring.gpg
	say "installing Debian $suite with $packages into $root (about a minute)"
	debootstrap --variant=minbase --keyring="$keyring" --include="$packages" \
		"$suite" "$root.partial" "$(mirror)" >"$log" 2>&1 </dev/null ||
		{ tail -20 "$log" >&2; die "debootstrap of $suite failed: $log"; }
	rm -rf "$root.partial"/var/cache/apt/archives/*.deb "$root.partial"/var/lib/apt/lists/*
	mv "$root.partial" "$root"
}

# try_mount POINT OPTIONS...: mounts at POINT unless something is mounted there.
try_mount() {
	local point=$1
	shift
	mkdir -p "$point"
	mountpoint -q "$point" || mount "$@" "$point"
}

# try_bind ROOT DIR POINT MODE: shows a folder of the machine. Private at once:
# with systemd every mount is shared, and what is then mounted in one place
# appears in the other.
try_bind() {
	local dir=$2 point=$1$3 mode=$4
	mkdir -p "$point"
	mountpoint -q "$point" && return 0
	mount --bind "$dir" "$point"
	mount --make-private "$point"
	mount -o "remount,bind,$mode" "$point"
}

mount_all() {
	local root=$1
	try_mount "$root/proc" -t proc proc
	try_mount "$root/sys" -t sysfs sysfs
	try_mount "$root/sys/kernel/tracing" -t tracefs tracefs
	# Not every kernel has these, and not every peer needs them.
	try_mount "$root/sys/kernel/debug" -t debugfs debugfs 2>/dev/null || true
	try_mount "$root/sys/fs/bpf" -t bpf bpf 2>/dev/null || true
	try_mount "$root/sys/fs/cgroup" -t cgroup2 cgroup2 2>/dev/null || true
	try_bind "$root" / /host ro
	# bpftrace makes a folder of its own in /tmp, TMPDIR or not.
	try_bind "$root" /tmp /tmp rw
	[[ $REPO == /tmp/* ]] || try_bind "$root" "$REPO" "$REPO" ro
}

# umount_all ROOT: every mount below ROOT, the innermost first.
umount_all() {
	local point
	awk -v r="$1/" 'index($5, r) == 1 { print $5 }' /proc/self/mountinfo | tac |
		while read -r point; do
			# (mountinfo writes a space as \040.)
			umount "$(printf '%b' "${point//\\0/\\00}")" || say "still in use: $point"
		done
}

wrapper() {
	local name=$1 root=$2 program=$3
	mkdir -p "$BIN"
	printf '#!/bin/sh\nexec %s %q %s "$@"\n' "$(command -v chroot)" "$root" "$program" >"$BIN/$name.new"
	chmod +x "$BIN/$name.new"
	mv "$BIN/$name.new" "$BIN/$name"
}

# check LABEL WANTED CMD...: runs CMD and wants WANTED in what it prints.
check() {
	local label=$1 want=$2 out
	shift 2
	if out=$(timeout 60 "$@" 2>&1 </dev/null) && [[ $out == *"$want"* ]]; then
		say "works: $label"
	else
		say "DOES NOT WORK: $label: ${out:-no output}"
		FAILED=1
	fi
}

setup() {
	[ "$(id -u)" = 0 ] || die "needs root: chroot, mount and BPF do"
	bootstrap sid "$PEERS" bpftrace,ply,bpftool
	mount_tracefs
	mount_all "$PEERS"
	wrapper bpftrace "$PEERS" /usr/bin/bpftrace
	wrapper bpftool "$PEERS" /usr/sbin/bpftool
	wrapper ply "$PEERS" /usr/sbin/ply
	FAILED=0
	check "$("$BIN/bpftrace" --version), BEGIN" hello "$BIN/bpftrace" -e 'BEGIN { printf("hello\n"); exit(); }'
	check "bpftool prog list" "" "$BIN/bpftool" prog list
	# ply 2.4 has a BEGIN too; a kprobe is more than every kernel has.
	check "$("$BIN/ply" --version | head -1), BEGIN" hello "$BIN/ply" 'BEGIN { printf("hello\n"); exit(0); }'
	if [ "${1:-}" = bookworm ] || [ -x "$OLD/usr/bin/bpftrace" ]; then
		bootstrap bookworm "$OLD" bpftrace
		mount_all "$OLD"
		wrapper bpftrace-0.17 "$OLD" /usr/bin/bpftrace
		check "bookworm's $("$BIN/bpftrace-0.17" --version), BEGIN" hello \
			"$BIN/bpftrace-0.17" -e 'BEGIN { printf("hello\n"); exit(); }'
	fi
	print_env
	return "$FAILED"
}

print_env() {
	printf 'GOTRACE_PEERS=%s\n' "$PEERS"
	printf 'GOTRACE_PEERS_BIN=%s\n' "$BIN"
}

mkdir -p "$TOP"
case ${1:-setup} in
env) print_env ;;
setup | bookworm)
	# Two at once would bootstrap into one folder.
	exec 9>"$TOP/.lock"
	flock 9
	setup "${1:-}"
	;;
umount)
	umount_all "$PEERS"
	umount_all "$OLD"
	;;
uninstall)
	umount_all "$PEERS"
	umount_all "$OLD"
	for root in "$PEERS" "$OLD"; do
		grep -q " $root/" /proc/self/mountinfo && die "$root is still in use"
		rm -rf --one-file-system "$root"
	done
	rm -rf "$BIN"
	;;
*) die "unknown command $1: setup, bookworm, env, umount or uninstall" ;;
esac
