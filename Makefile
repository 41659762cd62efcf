# What one can do here. The default is what a change must pass.
SHELL := bash -o pipefail
T     ?= 10s# a fuzz target's time
J     ?= $(shell nproc || echo 2)# fuzz targets at once
B     ?= .# the benchmarks to run
RACE  ?= ./runtime/... ./dsl ./dsl/source ./dsl/value ./engine/record
PGO   := $(CURDIR)/cmd/thru/release.pgo# what a compiler should know of the hot paths
TOOL  := go tool -modfile=internal/tools.mod

.PHONY: default check test browser race fuzz bench full build release demo

default: check test

check:
	@bad=$$(gofmt -s -l .); test -z "$$bad" || { echo "gofmt -s would change: $$bad"; exit 1; }
	go vet ./...
	$(TOOL) staticcheck ./... && dead=$$($(TOOL) deadcode ./...) && ! grep -vEf internal/unreached.txt <<<"$$dead"
	go test -count=1 ./internal/tidy
	@old=$$(git diff | cksum) && go generate ./... && test "$$old" = "$$(git diff | cksum)" || \
	  { echo "go generate changes files: commit what it writes"; exit 1; }

test:
	go test -timeout 4m ./...

browser: ; go test -tags browser -timeout 20m ./builder -run "^($$(grep -oh '^func Test\w*' builder/*browser_test.go | cut -c6- | paste -sd'|'))$$"

race:
	go test -race -short -timeout 10m $(RACE)

# Every fuzz target there is, J at once and T each; a crash is written beside the target as a case
# to keep. A target tells its last count and its end, each line with its name before it. Go may end
# a target on time with "context deadline exceeded": no find of ours (go.dev/issue/75804).
export TELL = /^ok/ { ok = 1 } /context deadline exceeded/ { late = 1 } /Failing input|panic:/ { bad = 1 } \
  /^(PASS|fuzz: elapsed: 0s)|baseline coverage/ { next } /^fuzz: elapsed/ { last = $$0; next } \
  { if (last) print target, last; last = ""; print target, $$0; fflush() } END { exit !(ok || late && !bad) }
fuzz:
	@grep -rEo '^func Fuzz\w+' --include='*_test.go' . | sed -E 's,/[^/]+:func , ,' | sort | \
	  xargs -P $(J) -n 2 bash -c 'go test -run "^$$" -fuzz "^$$1$$" -fuzztime $(T) -fuzzminimizetime 1x -parallel 1 "$$0" \
	    </dev/null 2>&1 | awk -v target="$$1 in $$0:" "$$TELL"'

bench:
	go test -p 1 -pgo=$(PGO) -run '^$$' -bench '$(B)' -benchmem -timeout 60m ./...

# The long proofs: 500 random kills, a soak, all looks of all pages, three minutes of every fuzz target.
full: T = 3m
full:
	{ date -u +%F; git log -1 --format='commit %h'; go version; echo "$$(nproc) cores"; e=0; \
	  THRU_FULL=1 go test -count=1 -v -p 1 -timeout 3h -run '^Test(Kill|Soak|ChangedByte|NothingIsLost)' ./runtime ./runtime/deliver ./runtime/store/bolt ./cmd/thru || e=1; \
	  THRU_FULL=1 $(MAKE) browser || e=1; $(MAKE) --no-print-directory fuzz T=$(T) J=$(J) || e=1; exit $$e; } 2>&1 | tee docs/full.txt

build:
	CGO_ENABLED=0 go build -trimpath -pgo=$(PGO) -o bin/thru ./cmd/thru

# Five platforms, each built twice and compared, with sums and what they are made of, in dist/.
release:
	go run ./internal/release

demo:
	go run ./cmd/thru demo
