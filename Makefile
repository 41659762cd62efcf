# What one can do here. The default is what a change must pass.
SHELL := bash -o pipefail
T     ?= 10s# a fuzz target's time
B     ?= .# the benchmarks to run
RACE  ?= ./runtime/... ./dsl ./dsl/source ./dsl/value ./engine/record
TOOL  := go tool -modfile=internal/tools.mod

.PHONY: default check test race fuzz bench full build demo

default: check test

check:
	@bad=$$(gofmt -s -l .); test -z "$$bad" || { echo "gofmt -s would change: $$bad"; exit 1; }
	go vet ./...
	$(TOOL) staticcheck ./...
	go test -count=1 ./internal/tidy
	@old=$$(git diff | cksum) && go generate ./... && test "$$old" = "$$(git diff | cksum)" || \
	  { echo "go generate changes files: commit what it writes"; exit 1; }

test:
	go test -timeout 4m ./...

race:
	go test -race -short -timeout 10m $(RACE)

# Every fuzz target there is, T each; a crash is written beside the target as a case to keep.
fuzz:
	@set -e; grep -rEo '^func Fuzz\w+' --include='*_test.go' . | sort | while IFS=: read -r file fn; do \
	  echo "fuzz $${file%/*} $${fn#func } $(T)"; \
	  go test -run '^$$' -fuzz "^$${fn#func }\$$" -fuzztime $(T) "$${file%/*}" </dev/null; done

bench:
	go test -p 1 -run '^$$' -bench '$(B)' -benchmem -timeout 60m ./...

# The long proofs: 200 random kills and ten minutes of every fuzz target. Takes hours.
full:
	{ set -e; date -u +%F; go version; echo "$$(nproc) cores"; \
	  THRU_FULL=1 go test -count=1 -v -timeout 3h -run 'Kill|Full' ./... | grep -v 'no test'; \
	  make --no-print-directory fuzz T=10m | grep -v '^fuzz: elapsed'; } 2>&1 | tee docs/full.txt

build:
	CGO_ENABLED=0 go build -trimpath -o bin/thru ./cmd/thru

demo:
	go run ./cmd/thru demo
