# Brume. `make help` is the manual.

SHELL := bash
.DEFAULT_GOAL := help

# Any Go from 1.21 on fetches the one that go.mod names.
export GOTOOLCHAIN := auto

FUZZTIME    ?= 20s
HISTORIES   ?= 100000
CRASHES     ?= 1000000
KILLS       ?= 50
STATICCHECK ?= v0.8.2
PACKAGES    ?= ./...
PORT        ?=
BENCH_OUT   ?=
SUITE       ?=
ARGS        ?=

services := brume-ingest brume-anonymize brume-aggregate brume-dashboards

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\n  ARGS goes to the command that is run, PACKAGES (./...) says what test runs over.\n'
	@printf '  BRUME_CACHE is where fetched parts lie, by default brume in your cache folder.\n'
	@printf '  BRUME_TEST_DATA names the folder of the test data that are not in the repository.\n'

.PHONY: setup
setup: ## Check what is needed and fetch what Brume stands on, pinned and verified
	@deploy/dev/setup

.PHONY: build
build: ## Build bin/brume and the four services
	CGO_ENABLED=0 go build -trimpath -o bin/ ./cmd/brume $(addprefix ./cmd/,$(services))

.PHONY: demo
demo: setup build ## Everything from nothing: simulated school years, dashboards on http://127.0.0.1:8080
	bin/brume demo $(ARGS)

.PHONY: test
test: setup ## Run every test, on the embedded parts and on Apache Kafka where Java and Maven are there
	@PACKAGES='$(PACKAGES)' deploy/dev/test $(ARGS)

.PHONY: screens
screens: setup ## Run a demonstration and write the pictures of docs/screens; needs chromium
	CGO_ENABLED=0 go build -trimpath -o bin/ ./cmd/brume
	@deploy/dev/screens $(ARGS)

.PHONY: bench
bench: setup ## Measure every row of docs/performance.md; BENCH_OUT names a file for the table
	@BENCH_OUT='$(BENCH_OUT)' deploy/dev/bench $(ARGS)

.PHONY: conformance
conformance: setup build ## Run xAPI's conformance suite and write docs/conformance.md; SUITE names a folder that has it
	@SUITE='$(SUITE)' deploy/dev/conformance $(ARGS)

.PHONY: lint
lint: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	  [ -z "$$unformatted" ] || { echo "not formatted:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK) ./...

.PHONY: sensitivity
sensitivity: ## Play HISTORIES (100000) random histories with and without a pupil and compare what is released
	BRUME_HISTORIES=$(HISTORIES) go test -count=1 -timeout 2h -run '^TestSensitivity' ./anonymize/cohort

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (20s)
	@deploy/dev/fuzz $(FUZZTIME)

.PHONY: crashes
crashes: ## Kill CRASHES (1000000) gates in simulated worlds: one value and one charge of each release
	go test ./anonymize/gate -run '^TestCrashes$$' -timeout 0 -v -crashes $(CRASHES) $(ARGS)

.PHONY: torture
torture: setup ## Kill a real process KILLS (50) times at every crash point; the report goes to docs/torture
	@mkdir -p docs/torture
	go test ./cmd/e2e -run '^TestKilledAtEveryNamedStep$$' -count=1 -timeout 0 -parallel 4 -kills $(KILLS) -killed $(CURDIR)/docs/torture/kills.txt $(ARGS)

.PHONY: kafka
kafka: ## Run Apache Kafka on 127.0.0.1, at PORT or a free port, until interrupted
	@deploy/dev/kafka/run $(if $(PORT),-p $(PORT))

.PHONY: kafka-cluster
kafka-cluster: ## Run three nodes of Apache Kafka, from PORT on or at free ports
	@deploy/dev/kafka/run -n 3 $(if $(PORT),-p $(PORT))

.PHONY: vault
vault: ## Fetch and build the Vault of the tests, in memory and with the transit engine only
	@deploy/dev/vault/build

.PHONY: test-vault
test-vault: ## Run the tests of keys that rest wrapped, on that Vault
	@vault=$$(deploy/dev/vault/build) && BRUME_TEST_VAULT=$$vault go test -count=1 $(ARGS) ./anonymize/keys/vault

.PHONY: clickhouse
clickhouse: setup build ## Run the embedded ClickHouse alone until interrupted
	bin/brume clickhouse $(ARGS)

.PHONY: clean
clean: ## Remove what was built; data and the cache stay
	rm -rf bin
