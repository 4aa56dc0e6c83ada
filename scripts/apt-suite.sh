#!/bin/bash
# apt-suite.sh: packages of any Debian suite, without touching the machine's APT.
#
#   scripts/apt-suite.sh SUITE update             fetches the suite's package list
#   scripts/apt-suite.sh SUITE names REGEX        names of packages that match (ERE)
#   scripts/apt-suite.sh SUITE download PKG...    prints the .deb files' paths
#   scripts/apt-suite.sh SUITE unpack DIR PKG...  unpacks them (and nothing they need)
#   scripts/apt-suite.sh SUITE cache ARG...       apt-cache with the suite's lists
#
# Why: the tests boot the kernels of four Debian releases, and one machine runs
# one. Each suite gets an APT state folder of its own in the cache (state, lists,
# archives, sources), so that a package's newest version is that suite's, and so
# that neither the machine's lists nor its installed packages change. No
# maintainer script is ever run: the packages are only unpacked.
#
# Trust: every list is checked against Debian's archive keys and every package
# against its list, as always. The machine's keyring may be older than a suite
# (or than a suite's newest signature). Then the newest debian-archive-keyring
# package is fetched from the machine's OWN suite or a later one whose signature
# this keyring does know, and its keys are used instead: each step is verified by
# the one before. Nothing is ever [trusted=yes].
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -ge 2 ] || die "usage: apt-suite.sh SUITE update|names|download|unpack|cache ..."
SUITE=$1
VERB=$2
shift 2

DIR=$CACHE/apt/$SUITE
DEBS=$CACHE/apt/debs
KEYRING=$CACHE/apt/keyring.gpg
MACHINE_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
# A list older than this is fetched anew (minutes).
MAX_AGE=$((7 * 24 * 60))

# apt COMMAND ARG...: an APT command on this suite's own state alone. APT reads
# $APT_CONFIG first, and ours tells it to read none of the machine's files: its
# hooks, pins and architectures are for its own packages.
apt() {
	APT_CONFIG=$DIR/apt.conf "$@"
}

configure() {
	mkdir -p "$DIR"/state/lists/partial "$DIR"/cache/archives/partial "$DIR"/etc "$DEBS"
	: >"$DIR/state/status"
	# _apt, APT's user for downloads, can't read a folder below root's home;
	# what it fetches is verified all the same.
	cat >"$DIR/apt.conf" <<-CONF
		Dir::Etc::main "/dev/null";
		Dir::Etc::parts "$DIR/etc/none";
		Dir::Etc::sourcelist "$DIR/etc/sources.list";
		Dir::Etc::sourceparts "$DIR/etc/none";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "$DIR/etc/none";
		Dir::State "$DIR/state";
		Dir::State::status "$DIR/state/status";
		Dir::Cache "$DIR/cache";
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
		Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
		Acquire::GzipIndexes "true";
		Acquire::Retries "3";
		# An old release's lists say that they have expired.
		Acquire::Check-Valid-Until "false";
	CONF
	# How this machine gets at its mirror (a proxy, its certificates) does hold.
	apt-config dump 2>/dev/null | grep -E '^Acquire::https?::[^ ]+ "[^"]' >>"$DIR/apt.conf" || true
	mkdir -p "$DIR/etc/none"
}

sources() {
	local keyring=$MACHINE_KEYRING
	[ -s "$KEYRING" ] && keyring=$KEYRING
	printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$(mirror)" "$SUITE" >"$DIR/etc/sources.list"
}

update() {
	sources
	# (By itself APT calls a mirror that doesn't answer a mere warning.)
	if ! apt apt-get -qq -o APT::Update::Error-Mode=any update >"$DIR/update.log" 2>&1 ||
		grep -q '^[EW]: .*GPG' "$DIR/update.log"; then
		head -5 "$DIR/update.log" >&2
		return 1
	fi
	touch "$DIR/updated"
}

# newer_keyring: takes the archive keys out of the newest keyring package that
# the keys at hand vouch for.
newer_keyring() {
	local from tmp
	tmp=$(mktemp -d)
	for from in sid trixie bookworm; do
		[ "$from" = "$SUITE" ] && continue
		# (GOTRACE_KEYRING=1 ends the recursion.)
		if GOTRACE_KEYRING=1 "$0" "$from" unpack "$tmp" debian-archive-keyring >/dev/null 2>&1 &&
			[ -s "$tmp/usr/share/keyrings/debian-archive-keyring.gpg" ]; then
			cp -L "$tmp/usr/share/keyrings/debian-archive-keyring.gpg" "$KEYRING"
			rm -rf "$tmp"
			say "took newer archive keys from $from"
			return 0
		fi
	done
	rm -rf "$tmp"
	return 1
}

# ready: the suite's lists are there and young enough.
ready() {
	configure
	[ -n "$(find "$DIR/updated" -mmin -"$MAX_AGE" 2>/dev/null)" ] && [ -s "$DIR/etc/sources.list" ] && return 0
	refresh
}

refresh() {
	need "$MACHINE_KEYRING=debian-archive-keyring"
	update && return 0
	if [ -z "${GOTRACE_KEYRING:-}" ] && grep -qE 'NO_PUBKEY|EXPKEYSIG|not signed' "$DIR/update.log" &&
		newer_keyring && update; then
		return 0
	fi
	# Old lists are better than none where the mirror doesn't answer.
	[ -e "$DIR/updated" ] || die "cannot fetch the package list of $SUITE"
	say "the package list of $SUITE could not be refreshed: using the old one"
}

names() {
	apt apt-cache pkgnames | grep -E -- "$1" | sort -V || true
}

# download PKG...: a package already in the cache is not fetched again.
download() {
	local pkg version file
	for pkg in "$@"; do
		version=$(apt apt-cache show --no-all-versions "$pkg" 2>/dev/null | awk '/^Version:/ { print $2; exit }')
		[ -n "$version" ] || die "$SUITE has no package $pkg"
		file=$(find "$DEBS" -name "${pkg}_${version//:/%3a}_*.deb" -print -quit)
		if [ -z "$file" ]; then
			(cd "$DIR/cache" && apt apt-get -qq download "$pkg" >&2)
			mv "$DIR/cache/${pkg}_"*.deb "$DEBS/"
			file=$(find "$DEBS" -name "${pkg}_${version//:/%3a}_*.deb" -print -quit)
		fi
		[ -n "$file" ] || die "apt-get downloaded no $pkg $version"
		printf '%s\n' "$file"
	done
}

mkdir -p "$DIR"
# One at a time on one state folder.
exec 8>"$DIR/.lock"
flock 8

case $VERB in
update)
	configure
	refresh
	;;
names)
	ready
	names "$1"
	;;
cache)
	ready
	apt apt-cache "$@"
	;;
download)
	ready
	# A package can vanish from the mirror with its list not yet a week old.
	files=$(download "$@") || { refresh; files=$(download "$@"); }
	printf '%s\n' "$files"
	;;
unpack)
	ready
	to=$1
	shift
	files=$(download "$@") || { refresh; files=$(download "$@"); }
	mkdir -p "$to"
	while read -r deb; do
		dpkg-deb --extract "$deb" "$to"
	done <<<"$files"
	;;
*) die "unknown verb $VERB" ;;
esac
