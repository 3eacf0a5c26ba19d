# What to type. Each target does its own set-up; `make` alone says what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# What we start finds our programs, and a uv, before any other.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
BIN := .venv/bin
READY := .venv/ready

.PHONY: help setup demo bench screens test test-unit test-integration test-browser test-interop test-indy check format api lock

help: ## Say what there is to type
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv (every other target does this itself)

# The mark of a finished set-up: made again when the lock or the package changes.
$(READY): requirements.lock setup.cfg pyproject.toml tools/setup tools/assets.py $(wildcard portal/assets/*.*)
	@tools/setup

demo: $(READY) ## Show the whole journey; ONCE=1: unattended, one JSON document as the last line; OUT=DIR: the audits, too
	@$(BIN)/staff-passport demo $(if $(ONCE),--once --json) $(if $(OUT),--out $(OUT))

# What is measured alone, if anything is.
ALONE = $(if $(ESR),esr_matching esr_rows esr_import)$(if $(AUDIT),audit)$(if $(ACCESS),access)$(if $(WEBVH),webvh)$(if $(REGISTRY),registry)$(if $(PORTAL),portal)

bench: $(READY) ## Measure resolving, the registry, and ours beside stock ACA-Py, 25 minutes; MEMORY=1: 2,000 issues more; AUDIT=1, ACCESS=1, ESR=1, WEBVH=1, REGISTRY=1 or PORTAL=1: that alone
	@for each in $(or $(ALONE),webvh registry); do $(BIN)/python -m bench.$$each $(if $(ALONE),$(ARGS)) || exit; done
	@$(if $(ALONE),,$(BIN)/python -m bench $(if $(MEMORY),--memory) $(ARGS))

test: $(READY) ## Run every test
	@tools/require cc c++ make node npm chromium libsodium softhsm2-util
	@tools/test $(ARGS)

test-unit: $(READY) ## Run the tests that need no sockets (ARGS="-k passport" chooses)
	@$(BIN)/pytest tests/unit tests/architecture --numprocesses 2 $(ARGS)

test-integration: $(READY) ## Run the tests on real agents and PostgreSQL
	@tools/require softhsm2-util
	@$(BIN)/pytest $(wildcard tests/integration tests/contract tests/faults) $(ARGS)

test-browser: $(READY) ## Run the tests of the portal's pages in a real Chromium
	@tools/require node npm chromium
	@$(BIN)/pytest tests/browser $(ARGS)

screens: $(READY) ## Save a picture of each state of the portal's pages under docs/screens
	@tools/require chromium
	@rm -f docs/screens/*.jpeg && mkdir -p docs/screens
	@SCREENS=docs/screens $(BIN)/pytest tests/browser $(ARGS)

test-interop: $(READY) ## Run the tests with a wallet that is not ours
	@tools/require cc c++ make node npm
	@$(BIN)/python tests/interop/credo/install.py
	@$(BIN)/pytest tests/interop $(ARGS)

test-indy: $(READY) ## Run the tests on a real Indy pool of four nodes
	@tools/require cc libsodium
	@$(BIN)/python tests/indy/pool/install.py
	@$(BIN)/pytest tests/indy $(ARGS)

check: $(READY) ## Lint, formatting, types and which way imports point
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict
	@$(BIN)/lint-imports --no-logo

format: $(READY) ## Put the code into its one format
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

api: $(READY) ## Write docs/api/openapi.yml anew from the routes
	@$(BIN)/python -m agent.openapi > docs/api/openapi.yml

lock: $(READY) ## Choose new versions for requirements.lock, within what setup.cfg allows
	@$(BIN)/uv pip compile setup.cfg --all-extras --universal --python-version 3.13 --generate-hashes \
	    --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    --upgrade --quiet --output-file requirements.lock
