# One word for each thing a contributor does. `make demo` and `make test` work on a machine with git, make and Python 3.11.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo test chaos check format schemas docs site screenshots guard bench clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: setup
	$(BIN)/pinsync demo

# Without kept bytecode every process that a test starts would compile pinsync anew.
test chaos: export PYTHONDONTWRITEBYTECODE =
test: setup
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

chaos: setup
	CHAOS=full $(BIN)/python -m pytest --numprocesses auto tests/chaos
	HISTORIES=full $(BIN)/python -m pytest tests/applying/test_histories.py
	$(BIN)/python -m pytest --numprocesses auto -m hypothesis --hypothesis-profile full
	CHAOS=full $(BIN)/python -m pytest tests/applying/test_remote_state.py
	$(BIN)/python -m tests.chaos.writers
	$(BIN)/python -m tests.chaos --runs 200 --pins 50 --seed 1

check: setup site
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows examples/github/*.yml .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet action.yml examples/github .github/workflows

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schemas: setup
	$(BIN)/python -m scripts.write_schemas

docs: setup
	$(BIN)/python -m scripts.write_docs
	$(BIN)/python -m scripts.write_man

# Each link and each page's place in the navigation are checked; build/site/index.html is where to look.
site: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

screenshots: setup
	$(BIN)/python -m scripts.take_screenshots

guard: setup
	$(BIN)/python -m benchmarks guarding

bench: setup
	$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
