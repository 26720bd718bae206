# `make test` passes everything on a fresh Debian 12 with Go: it installs what is missing.
# Where make itself is missing, `bash .ci/test` is the same.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
GOLANGCI = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: bench bench-panel chaos test quick build demo lint notices clean

test: ## install what is missing, then format, vet and all tests with the race detector
	@bash .ci/test

quick: ## what is worth running before each commit; skips what is not installed
	go vet ./... && go test ./...

build: ## one static binary in .build
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o .build/salesbench ./cmd/salesbench

demo: ## a filled service on http://127.0.0.1:8080
	go run ./cmd/salesbench demo

bench-panel: ## the panel beside DuckDB, PostgreSQL and data.table, and its growth; SALESBENCH_ROWS=20000 is quick
	cd benchmark/panel/peers && SALESBENCH_ROWS=$${SALESBENCH_ROWS:-1000000} SALESBENCH_OUT=$(CURDIR)/docs/panel.md go test -v -timeout 30m .
	@printf '\n## Cold start\n\nThe built-in questionnaire (71 fields) from a database into the panel.\n\n```\n' >>docs/panel.md
	SALESBENCH_ROWS=$${SALESBENCH_ROWS:-1000000} go test ./survey/store -run '^$$' -bench ColdStart -benchtime 3x -timeout 30m | tee /dev/stderr | grep ^Benchmark >>docs/panel.md
	@printf '```\n' >>docs/panel.md

lint: ## the linters of .golangci.yml
	go run $(GOLANGCI) run ./...

bench: ## what the service stands, beside the limits of the machine; docs/bench.md says how to read it
	go run ./cmd/loadtest bench

chaos: ## break the service under load for some ten minutes, compare ledger and database, write docs/chaos.md
	go run ./cmd/chaos --long --report docs/chaos.md

notices: ## rewrite THIRD_PARTY_NOTICES.md from what is linked into the binary
	@bash .ci/notices >THIRD_PARTY_NOTICES.md

clean:
	rm -rf .build

include assets.mk
