#!/bin/bash
# bench.sh: gotrace's speed and memory beside bpftrace 0.27 and ply 2.4.
#
#   scripts/bench.sh            builds gotrace, measures, prints a table
#   BENCH_ROUNDS=3              fewer rounds (7 by default): quicker, rougher
#   BENCH_ONLY=start,event      only these of start, many, event and print
#
# Needs root. The peers are those of scripts/peers.sh; without them their
# columns say "not installed".
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "bench.sh: needs root: it loads BPF programs" >&2; exit 1; }
[ -n "${GOTRACE_BIN:-}" ] || make -s build
# (Built first, so that the compiler's memory and CPU are out of the way.)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
CGO_ENABLED=0 go build -o "$tmp/bench" ./internal/bench
"$tmp/bench"
