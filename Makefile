# Betang. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Paths with spaces: every use is quoted, and stamps are relative.
VENV := .venv
PYTHON := $(VENV)/bin/python
BETANG := $(VENV)/bin/betang
# Node from the machine where it is new enough, else from the wheel (see scripts below).
NODE_PATH_FILE := $(VENV)/node-path

help: ## This list
	@grep -hE '^[a-z-]+:.*##' Makefile | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: setup ## One cycle of aid from the list to the receipt, then the site on localhost:8000
	@"$(BETANG)" demo

test: setup browser devices ## Every test: Python, TypeScript, browser, types, style, order of imports
	@bash .ci/test

check: setup ## Style, types and order of imports only
	@bash .ci/check

bench: setup browser ## Benchmarks with their floors (BENCH="--only judge"); writes var/bench.json
	@"$(PYTHON)" -m benchmarks $(BENCH)

chaos: $(VENV)/ready ## Days of simulated faults from seeds (CHAOS="--devices 200 --households 20000 --days 14 --seeds 50")
	@"$(PYTHON)" -m benchmarks.chaos $(CHAOS)

setup: $(VENV)/ready $(VENV)/front ## Install everything the project needs, nothing on the machine

pins: ## Pin the requirements anew, with hashes (needs uv)
	@for set in main dev node station; do \
		uv pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate \
			--python-version 3.11 requirements/$$set.in -o requirements/$$set.txt; done

clean: ## Forget the demonstration: its data, its keys, its database
	@if [ -x "$(BETANG)" ]; then "$(BETANG)" database stop || true; BETANG_VAR="$$PWD/var/test" "$(BETANG)" database stop || true; fi
	rm -rf var

browser: ## The browser of the tests (Debian's chromium)
	@bash .ci/browser

devices: $(VENV)/ready ## The card reader and HSM of the tests (Debian's pcscd, vpcd, SoftHSM)
	@bash .ci/devices

$(VENV)/ready: requirements/dev.txt requirements/node.txt pyproject.toml
	@echo "Memasang pustaka Python (sekali saja)..."
	@[ -x "$(PYTHON)" ] || python3 -m venv "$(VENV)"
	@"$(PYTHON)" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@"$(PYTHON)" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/front: $(VENV)/ready package-lock.json package.json $(shell find fieldapp design -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null | sed 's/ /\\ /g')
	@bash .ci/front
	@touch $@

.PHONY: help demo test check bench chaos setup pins clean browser devices
