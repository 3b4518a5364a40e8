# Switchboard. A fresh machine needs python3 (3.11 or newer, with venv), make and git.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --no-config --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --quiet
# A file's tests stay together, so that what a module prepares is prepared once.
PYTEST_ARGS ?= --numprocesses auto --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help run dev test check lock schema docs site bench clean
.DELETE_ON_ERROR:

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1@\2/p' Makefile | awk -F@ '{ printf "%-14s %s\n", $$1, $$2 }'

run: .venv/.runtime ## start the gateway over the sandbox on http://localhost:8000 (PORT=... for another)
	@exec $(BIN)/python -m gateway serve --sandbox --demo --port $(PORT)

dev: .venv/.dev ## prepare .venv for development

test: .venv/.dev ## run the whole test suite (PYTEST_ARGS=... for other options)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: .venv/.dev ## format, lint, types, imports, SDL and architecture: all that CI checks before the tests
	@scripts/check

lock: .venv/.dev ## write requirements/*.txt from pyproject.toml, and those of examples/python (LOCK_ARGS=--upgrade for newer versions)
	@$(LOCK) $(LOCK_ARGS) --extra redis --extra xlsx -o requirements/runtime.txt pyproject.toml
	@$(LOCK) $(LOCK_ARGS) --extra redis --extra xlsx --extra parquet --group dev -c requirements/runtime.txt -o requirements/dev.txt pyproject.toml
	@$(LOCK) --group build -c requirements/dev.txt -o requirements/build.txt
	@for name in requirements requirements-pandas; do \
		$(LOCK) $(LOCK_ARGS) -o examples/python/$$name.txt examples/python/$$name.in || exit 1; done

schema: .venv/.dev ## write schema/schema.graphql from the code
	@$(BIN)/python -m gateway schema export > .venv/schema.graphql
	@mv .venv/schema.graphql schema/schema.graphql

docs: .venv/.dev ## write the pages in docs/ that are made from the code: settings, coverage, native figures
	@$(BIN)/python -m scripts.settings_reference
	@$(BIN)/python -m scripts.coverage_reference

site: .venv/.dev ## build the documents as a site in build/site
	@$(BIN)/python -m scripts.site

bench: .venv/.dev ## vendor calls against their floor, and what the gateway adds to the slowest vendor
	@$(BIN)/python -m benchmarks.calls

clean: ## remove .venv, caches and builds
	@rm -rf .venv build dist .coverage htmlcov
	@find . -name __pycache__ -prune -exec rm -rf {} + -o -name '.*_cache' -prune -exec rm -rf {} +

# A changed lock file is newer than its stamp and is installed again.
.venv/.runtime: requirements/runtime.txt
	@$(call install,runtime)
	@touch $@

.venv/.dev: requirements/dev.txt
	@$(call install,dev)
	@touch $@ .venv/.runtime

define install
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Switchboard needs Python 3.11 or newer: make PYTHON=python3.x")'
@printf 'Installing the locked packages into .venv; about half a minute, once.\n'
@$(PYTHON) -m venv .venv
@$(PIP) install --require-hashes -r requirements/$(1).txt
endef
