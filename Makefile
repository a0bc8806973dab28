# Each goal does all the set-up that it needs: a fresh machine needs Python 3.11 or later, pip and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml README.md

.PHONY: demo test check browser clean

demo: $(VENV)/.local
	@echo "Solving examples/bakery.txt with the embedded language model (fetched once, 1.1 GB)."
	$(BIN)/nl2opt solve examples/bakery.txt --cross-check

test: $(VENV)/.test browser
	$(MAKE) --no-print-directory check
	$(BIN)/nl2opt llms pull smollm2-135m --quiet
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The journeys through the web page need one; NL2OPT_TEST_BROWSER names another than Debian's.
browser:
	@command -v chromium >/dev/null || test -n "$$NL2OPT_TEST_BROWSER" || (apt-get update -q && \
	apt-get install -y -q --no-install-recommends chromium) >/dev/null || \
	echo "There is no Chromium, and it cannot be installed: the tests that need a browser will fail."

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.local: $(VENV)/bin/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --editable ".[local,units]"
	@touch $@

$(VENV)/.test: $(VENV)/bin/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --editable ".[local,test]"
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
