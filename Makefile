# GridGeo's tasks. Each one sets up what it needs in .venv first; nothing to do by hand.
# PYTHON=python3.12 names the interpreter to start from (3.11 or newer).

SHELL := /bin/bash
BIN := .venv/bin
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint format types contracts check clean setup setup-test

help:  ## Show these lines
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

demo: setup  ## Divide Riverside, a made-up community, and draw its map: demo/site/index.html
	@$(BIN)/gridgeo demo -o demo

test: setup-test  ## Run the tests; ARGS="-k cell" passes words on to pytest
	@$(BIN)/python -m pytest $(ARGS)

lint: setup-test  ## Look for faults and for lines out of format
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

format: setup-test  ## Format the code, and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

types: setup-test  ## Check the types (mypy, strict)
	@$(BIN)/mypy

contracts: setup-test  ## Check who imports whom (import-linter)
	@$(BIN)/lint-imports --no-cache

check: lint types contracts test  ## All of these: lint, types, contracts, test

clean:  ## Remove .venv and everything else that was made
	rm -rf .venv demo build dist notebooks/first_plan .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@.ci/setup

setup-test:
	@.ci/setup test
