#!/bin/bash
# corpus.sh: which of Debian's bpftrace tools and of the well-known one-liners
# gotrace accepts, beside bpftrace, and which print the same.
#
#   scripts/corpus.sh [--vm KERNEL] [ARG...]
#
#   --vm KERNEL  also there (6.12 has the kprobes that many a host lacks); slow
#   ARG...       for internal/corpus, such as -only NAME
#
# The tools are those that scripts/peers.sh has unpacked; without them only the
# one-liners are tried, and without bpftrace nothing is compared.
set -euo pipefail
cd "$(dirname "$0")/.."
PEERS=${XDG_CACHE_HOME:-$HOME/.cache}/gotrace/peers

vm=
if [ "${1:-}" = --vm ]; then vm=$2; shift 2; fi

CGO_ENABLED=0 go build -o bin/corpus ./internal/corpus
tools=()
for release in sid bookworm; do
	dir=$PEERS/$release/usr/sbin
	if [ -d "$dir" ]; then tools+=("$dir"); fi
done

if [ -n "$vm" ]; then
	carry=() flags=()
	for dir in "${tools[@]}"; do
		release=$(basename "$(dirname "$(dirname "$dir")")")
		stage=$(mktemp -d)
		cp "$dir"/*.bt "$stage"
		carry+=(--file "$stage:/tools/$release/usr/sbin")
		flags+=(-tools "/tools/$release/usr/sbin")
	done
	exec scripts/vm-run.sh "$vm" --timeout 3000 --peers --file bin/gotrace:/bin/gotrace "${carry[@]}" -- \
		bin/corpus -gotrace /bin/gotrace -bpftrace /bin/bpftrace -timeout 180s "${flags[@]}" "$@"
fi

flags=()
for dir in "${tools[@]}"; do flags+=(-tools "$dir"); done
if [ -x "$PEERS/bin/bpftrace" ]; then flags+=(-bpftrace "$PEERS/bin/bpftrace"); fi
exec bin/corpus -gotrace bin/gotrace "${flags[@]}" "$@"
