# make demo: index a small archive of real photographs, search it, and serve it if you like.
# make test: lint and the whole test suite, from nothing.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt

.PHONY: demo test lint format coverage clean

demo: $(VENV)/.demo
	@$(BIN)/hybridsearch demo

# The tests of one file stay in one process, for they share what is costly to make.
test: lint
	@$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

coverage: $(VENV)/.dev
	@$(BIN)/python -m pytest --cov --cov-report=term-missing:skip-covered

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(VENV)/.demo: $(VENV)/.torch
	@echo "Installing the demo (once) ..."
	@$(PIP) -e '.[demo]'
	@touch $@

$(VENV)/.dev: $(VENV)/.torch
	@echo "Installing what the tests need (once) ..."
	@$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.demo

# PyTorch goes first and alone: whatever else asks for it is then content with what is there.
$(VENV)/.torch: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
		|| { echo "Python 3.11 is needed; say where it is: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing PyTorch (once) ..."
	@$(PIP) torch
	@touch $@
