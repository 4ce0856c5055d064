# `make` alone says what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash

BUILD_LIBRARIES := libsqlite3-dev zlib1g-dev libcurl4-openssl-dev libllhttp-dev|node-llhttp libyaml-dev libre2-dev pkg-config
# The Swift runtime goes into the binary: half the resident memory, and it runs where no toolchain is.
# Tests run with the exclusivity checks that the release build leaves out: they were a fortieth of a request.
RELEASE := -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked --product tailspan
TAILSPAN := .build/release/tailspan
PYTHON := .build/python/bin/python3
PROMTOOL := .build/tools/usr/bin/promtool

.PHONY: help setup build demo up verify test fuzz test-tools bench docs pictures lint format clean doctor stack stack-down stack-verify \
	pin bundle bundle-load

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the system libraries that are missing (Debian, Ubuntu)
	@scripts/setup $(foreach library,$(BUILD_LIBRARIES),"$(library)")

build: setup ## Build the release binary, .build/release/tailspan
	@scripts/strip-release restore $(TAILSPAN)
	@swift build $(RELEASE) --explicit-target-dependency-import-check error
	@scripts/strip-release strip $(TAILSPAN)

demo: build ## Start everything, send traffic, prove that logs and traces link, show one trace, stop (ARGS=--help says what can be chosen)
	@$(TAILSPAN) demo $(ARGS)

up: build ## Start everything and stay until Ctrl-C (ARGS=--random-ports beside something that uses the usual ports)
	@$(TAILSPAN) up $(ARGS)

verify: build ## Prove the link against what `make up` started, whatever its ports (ARGS="--requests 200")
	@$(TAILSPAN) verify $(ARGS)

stack: ## Start the full stack in Docker: Loki, Promtail, Tempo, Grafana (PROFILES=metrics,load adds; see compose/)
	@scripts/stack up

stack-down: ## Stop the full stack; data stay (ARGS=--volumes removes them)
	@scripts/stack down $(ARGS)

stack-verify: ## Prove the link against the full stack; needs no toolchain
	@scripts/stack verify $(ARGS)

pin: ## Write the digests of all images into compose/.env
	@scripts/stack pin

bundle: ## Save all images for a room without internet
	@scripts/stack bundle

bundle-load: ## Load them there
	@scripts/stack bundle-load

doctor: build ## Say what this machine lacks, and how to mend it
	@$(TAILSPAN) doctor

# One at a time: they start servers and processes by the hundred, and two cores would keep them all waiting.
test: setup test-tools ## Run all tests
	@cd Benchmarks && python3 -B -m unittest discover --quiet --start-directory tests --top-level-directory .
	@swift build --product tailspan
	@swift build --build-tests --explicit-target-dependency-import-check error
	@scripts/unused-imports
	@$(PYTHON) -B Tests/ConsoleTests/run.py
	@TAILSPAN_TEST_TOOLS=required TAILSPAN_PYTHON=$(CURDIR)/$(PYTHON) TAILSPAN_PROMTOOL=$(CURDIR)/$(PROMTOOL) \
		swift test --skip-build --no-parallel

fuzz: setup ## Send 200,000 mutated requests and as many responses through parser, server and client, under an address sanitizer
	@swift build --sanitize address --scratch-path .build/fuzz --product http-fuzz
	@.build/fuzz/debug/http-fuzz $(ARGS)

# What the tests compare us with: OpenTelemetry's own Python SDK and protos, and promtool, both kept in .build; and
# Chromium, which opens the console's pages.
test-tools: $(PYTHON) $(PROMTOOL)
	@scripts/setup chromium

$(PYTHON): Tests/Support/requirements.txt
	@python3 -m venv .build/python
	@.build/python/bin/pip install --quiet --disable-pip-version-check -r Tests/Support/requirements.txt
	@touch $@

$(PROMTOOL):
	@mkdir -p .build/tools
	@cd .build/tools && apt-get download prometheus >/dev/null && dpkg -x prometheus_*.deb . && rm -f prometheus_*.deb

bench: build ## Measure; prints a table and keeps .build/bench.json (ARGS=--help says what can be chosen)
	@swift build $(RELEASE)-bench
	@Benchmarks/run $(ARGS)

docs: build ## Write docs/CONFIGURATION.md from the program's own list of settings
	@$(TAILSPAN) settings --markdown > docs/CONFIGURATION.md

pictures: build test-tools ## Make the documentation's pictures from a real run
	@scripts/pictures

lint: ## Check the source's form, that imports go downward only, and that the console's files are embedded
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks
	@scripts/floors
	@scripts/console-files --check

format: ## Bring the source into form
	@swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

clean: ## Remove what was built and what the demo wrote
	@rm -rf .build .tailspan
