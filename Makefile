# 守望 Shouwang. `make help` lists the targets. `make run` and `make test` need Python 3.11+, make and the package
# registry; `make test` also takes PostgreSQL, Redis, Chromium and Chinese fonts from the system's packages.
SHELL := /bin/sh
PYTHON ?= python3
UV := .tools/bin/uv
UV_VERSION := 0.13.9
BIN := .venv/bin

.PHONY: help run test check bench lock translations clean
.DEFAULT_GOAL := help

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.run-ready ## Start the demo: web, worker, scheduler and carrier simulator; Ctrl-C stops it
	@exec $(BIN)/python -m app.cli up --demo

test: .venv/.test-ready ## Run every test: real SQLite, PostgreSQL, Redis and Chromium
	@deploy/test-packages
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/.test-ready ## Exactly what continuous integration runs: style, types, layers, tests
	@$(BIN)/ruff check .
	@$(BIN)/mypy app telephony tasks config.py
	@$(MAKE) --no-print-directory test

bench: .venv/.test-ready ## Measure: every figure beside a baseline of the same run
	@for bench in tests/bench/*.py; do case $$bench in *__init__*) ;; *) $(BIN)/python -m $$(echo $${bench%.py} | tr / .) || exit 1;; esac; done

translations: .venv/.test-ready ## Extract messages, update and compile the catalogues
	@$(BIN)/python -m translations

lock: .tools/.ready ## Resolve the dependencies anew and pin them with their hashes
	@$(UV) pip compile -q --generate-hashes --python-version 3.11 --universal --upgrade --no-header --no-annotate pyproject.toml -o deploy/requirements.lock
	@$(UV) pip compile -q --generate-hashes --python-version 3.11 --universal --no-header --no-annotate -c deploy/requirements.lock --group dev pyproject.toml -o deploy/requirements-dev.lock

clean: ## Remove the environments (not the data)
	rm -rf .venv .tools

# Stamps, not the programs themselves, are the targets: an environment's python is a link to one that is older than all.
.tools/.ready:
	@echo "正在准备安装工具 / preparing the installer …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.made: .tools/.ready
	@$(UV) venv -q --clear --python $(PYTHON) .venv
	@touch $@

# The test environment is a superset of the running one: once it is there, `make run` uses it as it is.
.venv/.run-ready: deploy/requirements.lock pyproject.toml .venv/.made
	@echo "正在安装依赖 / installing dependencies …"
	@if [ -e .venv/.test-ready ]; then $(MAKE) -s .venv/.test-ready; else \
		$(UV) pip sync -q --require-hashes --python .venv/bin/python deploy/requirements.lock && $(UV) pip install -q --no-deps --python .venv/bin/python -e .; fi
	@touch $@

.venv/.test-ready: deploy/requirements-dev.lock pyproject.toml .venv/.made
	@$(UV) pip sync -q --require-hashes --python .venv/bin/python deploy/requirements-dev.lock
	@$(UV) pip install -q --no-deps --python .venv/bin/python -e .
	@touch $@
