# gotrace: one static binary, its tests and benchmarks.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

export CGO_ENABLED = 0

.PHONY: all build test test-vm test-matrix bench corpus golden lint setup clean

all: build

build: ## one static binary: bin/gotrace
	$(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/gotrace ./cmd/gotrace

test: build ## everything this kernel and these privileges allow
	$(GO) test ./...

test-vm: build ## kprobe and kretprobe tests in a VM with Debian's 6.12 kernel
	scripts/test-vm.sh 6.12

test-matrix: build ## every kind of probe on Linux 5.10, 6.1, 6.12 and 7.2, as a table
	scripts/test-matrix.sh

bench: build ## speed and memory beside bpftrace and ply
	scripts/bench.sh

corpus: build ## every Debian tool and one-liner, beside bpftrace
	scripts/corpus.sh

golden: ## rewrite the expected code of testdata/golden; read the diff
	$(GO) test ./codegen/... -run 'TestGolden' -update

lint: ## gofmt, vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'run gofmt -w on these files'; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

setup: ## what a fresh Debian machine needs to build and test
	scripts/setup.sh

clean:
	rm -rf bin
