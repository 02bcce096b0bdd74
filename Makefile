# Everything works on a machine that has python3 (3.11 or newer, with venv), make and git.
.DEFAULT_GOAL := help
.PHONY: help setup run test proof check lock listing permissions bench bench-credit clean

BIN := .venv/bin
# Where it is set, every process of every test compiles all modules anew.
unexport PYTHONDONTWRITEBYTECODE
# Between 3 and 4 test processes, whatever the machine: the tests of screens spend part of their time waiting.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 3); [ $$n -ge 3 ] || n=3; [ $$n -le 4 ] || n=4; echo $$n)

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 14

setup:  ## build .venv from requirements.lock; instant when nothing changed
	@sh scripts/setup.sh

run: setup  ## open the application, on a demo branch when there is no store yet
	@test -e data/bankcard.db || $(BIN)/bankcard --home . demo
	@$(BIN)/bankcard --home . run

test: setup  ## run the tests
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

proof: setup  ## run the long tests that attack a promise for minutes
	$(BIN)/pytest -m proof --timeout 1800 $(ARGS)

check: setup  ## ruff, mypy --strict, import contracts and the tests: what must be green before a change is shared
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

lock:  ## write requirements.lock again from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--group dev pyproject.toml -o requirements.lock

listing: setup  ## write the list of operations again, after one was added or changed
	$(BIN)/python scripts/list_operations.py

permissions: setup  ## write docs/permissions.md again, after an operation or a role was changed
	PYTHONPATH=. $(BIN)/python scripts/write_permissions.py

bench: setup  ## measure, each figure as a ratio within one run
	$(BIN)/python -m bench $(ARGS)

bench-credit: setup  ## measure the points card that learns on real credit data
	$(BIN)/python -m bench.credit $(ARGS)

clean:  ## remove .venv and caches; data/, backups/ and keys/ stay
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build *.egg-info
