# Everything on a machine with nothing but python3 and make.
PYTHON ?= python3
BIN := .venv/bin
UV := .uv/bin/uv
HOURS ?= 1
unexport PYTHONDONTWRITEBYTECODE  # or every process of a test compiles everything anew

.PHONY: help install run test e2e lint lock format migration torture bench
help:            ## show this list
	@grep -hE '^[a-z0-9]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## /  make \1\t/'

$(UV):
	@$(PYTHON) -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check uv

.venv/.ok: $(UV) requirements.lock pyproject.toml
	@echo 'Setting up .venv: half a minute, once.'
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch .venv/.ok

install: .venv/.ok   ## make .venv with everything pinned; start nothing

run: install         ## start leadbot and print its address
	@$(BIN)/leadbot run

test: install        ## everything but the browser
	@$(BIN)/python -m pytest -n 4  # on two cores: many stories wait for a clock or a database

e2e: install         ## the pages in a real headless Chromium
	@$(BIN)/python -m pytest -m e2e tests/e2e

torture: install     ## everything that can fail does, for an hour: make torture HOURS=1
	@$(BIN)/python -m tests.torture --hours $(HOURS)

.bench/.ok: $(UV) bench/requirements.lock
	@echo 'Setting up .bench, where the other bots live: half a minute, once.'
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .bench
	@$(UV) pip sync --quiet --compile-bytecode --python .bench/bin/python --require-hashes bench/requirements.lock
	@touch .bench/.ok

bench: install .bench/.ok   ## how fast it is, beside other bots: make bench ROUNDS=3
	@$(BIN)/python -m bench $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(PEOPLE),--people $(PEOPLE))

lint: install        ## style, types, layers
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: install      ## let ruff put things straight
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: $(UV)          ## resolve the pinned versions anew (hashes, no addresses)
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --python-version 3.11 --group dev --output-file requirements.lock pyproject.toml
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --python-version 3.11 --output-file bench/requirements.lock bench/requirements.in

migration: install   ## write the next migration from storage/tables.py: make migration message="What changes"
	@$(BIN)/python -m storage.migrating "$(message)"
