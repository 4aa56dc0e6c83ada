#!/bin/bash
# kernel.sh: a Debian cloud kernel to boot in QEMU.
#
#   scripts/kernel.sh 5.10|6.1|6.12|7.2
#   scripts/kernel.sh newest        (prints the newest series there is, only)
#
# prints the path of vmlinuz, then that of the kernel's modules folder
# (lib/modules/RELEASE), one a line. The first call fetches and unpacks the
# newest kernel of that series into the cache, later ones find it there. With
# GOTRACE_KERNEL_UPDATE=1 it looks for a newer one.
#
# Why these: they are what Debian 11, 12, 13 and sid run in the cloud, and each
# has a BPF of another age. The cloud flavour boots in a virtual machine with no
# more than a serial console, and is small. Another series can be named too, as
# long as one of the suites has it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

SERIES=${1:?usage: kernel.sh 5.10|6.1|6.12|7.2|newest}
HERE=$(dirname "$0")

# Prints the newest series that sid has, or of those fetched before: sid moves
# on, and a series that was there yesterday is gone tomorrow.
newest() {
	local fetched
	fetched=$(find "$CACHE/kernels" -mindepth 2 -maxdepth 2 -name vmlinuz 2>/dev/null | sed -n 's|.*/\([0-9.]*\)/vmlinuz|\1|p' | sort -V | tail -1 || true)
	case $fetched in
	'' | [0-6].*) "$HERE/apt-suite.sh" sid names '^linux-image-[0-9].*[0-9]-cloud-amd64$' | sed -n 's/^linux-image-\([0-9]*[.][0-9]*\)[.].*/\1/p' | sort -V | tail -1 ;;
	*) printf '%s\n' "$fetched" ;;
	esac
}
if [ "$SERIES" = newest ]; then
	newest
	exit
fi
[[ $SERIES =~ ^[0-9]+\.[0-9]+$ ]] || die "not a kernel series: $SERIES"
DIR=$CACHE/kernels/$SERIES

case $SERIES in
5.10) SUITES=bullseye ;;
6.1) SUITES=bookworm ;;
6.12) SUITES=trixie ;;
*) SUITES="sid trixie" ;;
esac

show() {
	[ -s "$DIR/vmlinuz" ] && [ -d "$DIR/modules/" ] || return 1
	printf '%s\n%s\n' "$(readlink -f "$DIR/vmlinuz")" "$(readlink -f "$DIR/modules")"
}

mkdir -p "$DIR"
exec 7>"$DIR/.lock"
flock 7
[ -z "${GOTRACE_KERNEL_UPDATE:-}" ] && show && exit 0

# The image package's name starts linux-image-6.12.1-, linux-image-5.10.0-, ...
# and in every suite another may follow for debug symbols or without signature.
for suite in $SUITES; do
	[ -z "${GOTRACE_KERNEL_UPDATE:-}" ] || "$HERE/apt-suite.sh" "$suite" update 7>&-
	image=$("$HERE/apt-suite.sh" "$suite" names "^linux-image-${SERIES//./\\.}[.][^-]+(-[0-9]+)?-cloud-amd64\$" 7>&- | tail -1)
	[ -n "$image" ] && break
done
if [ -z "$image" ]; then
	others=$(for other in $SUITES; do
		"$HERE/apt-suite.sh" "$other" names '^linux-image-[0-9].*[0-9]-cloud-amd64$' 7>&-
	done)
	die "no cloud kernel $SERIES in Debian $SUITES, but ${others//$'\n'/, }"
fi

# Since 7.x an image is an empty package that depends on three others: the
# kernel, its modules, and files about them (config, symbols).
packages=("$image")
release=${image#linux-image-}
for part in binary modules base; do
	name=linux-$part-$release
	[ -n "$("$HERE/apt-suite.sh" "$suite" names "^${name//[.+]/.}\$" 7>&-)" ] && packages+=("$name")
done

if [ ! -e "$DIR/$release/unpacked" ]; then
	rm -rf "${DIR:?}/$release"
	say "fetching ${packages[*]} from $suite"
	if ! "$HERE/apt-suite.sh" "$suite" unpack "$DIR/$release" "${packages[@]}" 7>&-; then
		# A new kernel of the series has a new name, and the list was an old one.
		[ -z "${GOTRACE_KERNEL_AGAIN:-}" ] || exit 1
		"$HERE/apt-suite.sh" "$suite" update 7>&-
		GOTRACE_KERNEL_AGAIN=1 exec "$0" "$SERIES" 7>&-
	fi
	touch "$DIR/$release/unpacked"
fi

# Where a release puts its parts: /boot or /usr/lib/modules/RELEASE/vmlinuz, and
# /lib/modules or /usr/lib/modules.
vmlinuz=$(find "$DIR/$release" -name 'vmlinuz*' -type f -print -quit)
modules=$(find "$DIR/$release" -path "*/lib/modules/*" -prune -type d -print -quit)
[ -n "$vmlinuz" ] || die "no vmlinuz in ${packages[*]}"
[ -n "$modules" ] || die "no modules in ${packages[*]}"
ln -sfn "${vmlinuz#"$DIR/"}" "$DIR/vmlinuz"
ln -sfn "${modules#"$DIR/"}" "$DIR/modules"
show
