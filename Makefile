# The commands of the README. Each does all the set-up it needs.

PYTHON ?= python3
BIN := .venv/bin
RUNTIME := $(BIN)/python -m telephony.runtime

# Where it is set, each of the hundreds of starts in a test run compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup python run test lint fast-in-sight fast real desk browser explore bench lock clean

help:
	@echo 'make run     set up and start the demo site       デモを準備して起動'
	@echo 'make test    set up, run the checks and tests      検査とテスト        '
	@echo 'make setup   only the set-up                      準備だけ'
	@echo 'make browser the pages in a browser, at length    画面の長いテスト    '
	@echo 'make explore properties, with new examples       性質のテストを新しい例で'
	@echo 'make lint | fast | real | desk | bench            parts of it / 一部だけ'
	@echo 'make clean   remove what set-up made              準備したものを消す'

setup: python
	@$(PYTHON) -m telephony.runtime.environment
	@$(RUNTIME) build
	@$(BIN)/python -m ivr_flows.prompts install --to .runtime/sounds
	@$(BIN)/python -m telephony.runtime.pages

# Before Python can explain itself: is it there, new enough, and able to make an environment?
python:
	@command -v $(PYTHON) >/dev/null || { echo "set-up: Python 3.11 or newer is needed: install\
	 the package python3. (Python 3.11 以上を入れてください)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "set-up: Python\
	 is too old: install 3.11 or newer and name it, for example make PYTHON=python3.12.\
	 (Python が古すぎます。3.11 以上が必要です)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "set-up: Python cannot make\
	 environments: install the package python3-venv. (python3-venv を入れてください)" >&2; exit 1; }

run: setup
	@exec $(BIN)/madoguchi up

test: setup
	@$(RUNTIME) build --with-postgresql --with-browser
	@$(MAKE) --no-print-directory -j2 --output-sync=target lint fast-in-sight
	@$(MAKE) --no-print-directory real
	@$(MAKE) --no-print-directory desk

lint:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy .
	$(BIN)/lint-imports

# Beside the checks, which tell all at once when they are done: of the tests one sees how far they are.
fast-in-sight:
	@$(MAKE) --no-print-directory --output-sync=none fast

fast:
	$(BIN)/pytest -m 'not asterisk and not browser' -n 2 --durations=15

# Mostly waiting for telephones, so two for each processor. Neighbours share an instance: whoever has
# nothing to do takes half of what another has left.
real:
	$(BIN)/pytest -m asterisk -n 4 --dist worksteal

# The pages in a browser: the core of these tests, and all of them.
desk:
	$(BIN)/pytest tests/desktop -m 'not at_length' -n 2 --dist worksteal

browser: setup
	@$(RUNTIME) build --with-browser
	$(BIN)/pytest tests/desktop -n 2 --dist worksteal

# The properties again, each with examples that nobody has seen, fifteen times as many; ten minutes.
explore: setup
	MADO_EXPLORE=15 $(BIN)/pytest -m 'not asterisk and not browser' -n 2 --dist worksteal \
	  $$(grep -rl '^@given\|^from tests.examples' tests --include='test_*.py')

bench: setup
	$(BIN)/python -m benchmarks

# Hashes and versions, never an address: it works against any mirror of the package index.
COMPILE = CUSTOM_COMPILE_COMMAND='make lock' .runtime/pip-tools/bin/pip-compile --quiet --generate-hashes \
	--allow-unsafe --strip-extras --all-build-deps --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host $(UPGRADE) pyproject.toml
lock: python
	$(PYTHON) -m venv .runtime/pip-tools
	.runtime/pip-tools/bin/pip install --quiet pip-tools
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --output-file requirements-dev.lock --extra dev --constraint requirements.lock

clean:
	rm -rf .venv .runtime agents/desktop/node_modules agents/desktop/src/api/schema.d.ts *.egg-info .mypy_cache .ruff_cache .pytest_cache \
	  .hypothesis .import_linter_cache
