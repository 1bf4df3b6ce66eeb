# Each target makes .venv from requirements.lock by itself; nothing else is needed but Python >= 3.11 (pip, venv), git and make.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
DATA ?=

.PHONY: demo test check bench bench-full docs lock clean

demo: $(VENV)/ready  ## the main job, offline: crawl a bundled newsroom, compare a report, check itself
	$(BIN)/secondsource demo

test: $(VENV)/ready  ## all tests, on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(VENV)/ready  ## format, lint, types, imports, docs, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist worksteal

bench: $(VENV)/ready  ## timings and accuracy, at most 20 minutes; DATA=folder adds the real pages
	$(BIN)/python -m tests.bench $(if $(DATA),--data $(DATA))

bench-full: $(VENV)/ready  ## the long series too: a million articles, a hundred kills on each database, 100,000 generated inputs, bad neighbours
	$(BIN)/python -m tests.bench --full $(if $(DATA),--data $(DATA))

docs: $(VENV)/ready  ## the generated pages: docs/schema.md, docs/cli.md, docs/dossier.schema.json, docs/datasette.json
	$(BIN)/python -m interfaces.cli.reference docs/cli.md
	$(BIN)/python -m storage.schema_doc docs/schema.md
	$(BIN)/python -m comparison.schema docs/dossier.schema.json
	$(BIN)/python -m storage.datasette_doc docs/querying.md docs/datasette.json

lock:  ## requirements.lock anew from pyproject.toml (needs uv on the PATH)
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url \
		--extra semantic --extra dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: no Python >= 3.11 found; name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
