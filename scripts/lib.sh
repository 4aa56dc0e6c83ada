# shellcheck shell=bash
# lib.sh: what the other scripts share. Sourced, never run.
#
# Nothing here names a machine path or a host: the scripts find the repository
# from their own place, keep what they fetch in one cache folder, and ask the
# machine's own APT which mirror it uses.

# shellcheck disable=SC2034  # used by the scripts that source this
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
CACHE=${GOTRACE_CACHE:-${HOME:?}/.cache/gotrace}
mkdir -p "$CACHE"
CACHE=$(cd "$CACHE" && pwd -P)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# as_root CMD...: runs CMD as root, with sudo where we are not.
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# need CMD=PACKAGE...: installs, from the machine's own APT, the packages whose
# command is missing; does nothing at all where every command is there. A name
# with a slash is a file to look for in place of a command.
need() {
	local pair cmd missing=()
	for pair in "$@"; do
		cmd=${pair%%=*}
		case $cmd in
		*/*) [ -e "$cmd" ] || missing+=("${pair#*=}") ;;
		# (Not in everyone's PATH: debootstrap and chroot are in sbin.)
		*) PATH=$PATH:/usr/sbin:/sbin command -v "$cmd" >/dev/null || missing+=("${pair#*=}") ;;
		esac
	done
	[ ${#missing[@]} = 0 ] && return 0
	say "installing ${missing[*]}"
	apt_install "${missing[@]}" && return 0
	# A fresh machine has no package lists, or lists too old for the mirror.
	as_root apt-get -qq -o DPkg::Lock::Timeout=300 update >&2 || true
	apt_install "${missing[@]}" || die "cannot install ${missing[*]}"
}

apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
		-o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "$@" >"$CACHE/apt-install.log" 2>&1 ||
		{ tail -5 "$CACHE/apt-install.log" >&2; return 1; }
}

# mount_tracefs: gotrace and its peers find events, and their formats, there.
mount_tracefs() {
	mountpoint -q /sys/kernel/tracing || as_root mount -t tracefs tracefs /sys/kernel/tracing
}

# mirror: prints the address of the mirror that serves Debian's main archive
# to this machine. $GOTRACE_MIRROR overrides it.
#
# APT may know several sites: the main archive, the security archive, other
# people's repositories. Where the lists are there, APT tells each one's origin
# and label, and only the main archive's are both "Debian" (the security
# archive's label is "Debian-Security"). On a fresh machine without lists only
# the sources are known (the second question, whose origin stays "$(ORIGIN)"),
# and the release's name has to do: the running suite's own or an alias, which
# leaves out "bookworm-security" and "bookworm-updates"; an address that ends in
# /debian is the likelier one. A wrong guess is no danger, since what it serves must be signed by Debian.
mirror() {
	if [ -n "${GOTRACE_MIRROR:-}" ]; then
		printf '%s\n' "$GOTRACE_MIRROR"
		return
	fi
	local codename site format="\$(ORIGIN)|\$(LABEL)|\$(RELEASE)|\$(COMPONENT)|\$(SITE)"
	codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-sid}")
	site=$({
		apt-get indextargets --format "$format"
		apt-get indextargets --no-release-info --format "$format"
	} 2>/dev/null | awk -F'|' -v c="$codename" '
		$4 != "main" { next }
		$1 == "Debian" && $2 == "Debian" { if (!best) best = $5; next }
		$1 !~ /^\$/ { next }
		$3 == c || $3 ~ /^((old)*stable|testing|unstable|sid)$/ { if (!guess) guess = $5; if (!named && $5 ~ /\/debian\/?$/) named = $5 }
		END { print best ? best : named ? named : guess }')
	[ -n "$site" ] || die "APT names no mirror of Debian's main archive: set GOTRACE_MIRROR"
	printf '%s\n' "${site%/}"
}
