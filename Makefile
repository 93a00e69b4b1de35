# Songbai: make demo | test | check | bench | docs
# PORT and SONGBAI_HOME may be set from outside.

PYTHON  ?= python3
PORT    ?= 8000
VENV    := .venv
BIN     := $(VENV)/bin
STAMPS  := $(VENV)/.stamps
export SONGBAI_HOME ?= $(CURDIR)/data

.PHONY: demo test check fast slow setup setup-dev browser bench docs format clean

demo: setup
	$(BIN)/songbai demo --port $(PORT)

test: check slow

check: setup-dev docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy .
	$(BIN)/python -m tests.house
	$(BIN)/python -m pytest -q -n 2 -m "not slow"

slow: setup-dev browser
	$(BIN)/python -m pytest -q -n 0 -m slow

bench: setup-dev
	$(BIN)/python -m bench.pages --url http://127.0.0.1:$(PORT)

docs: setup-dev
	$(BIN)/python -m tests.links

format: setup-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

setup: $(STAMPS)/run $(STAMPS)/browser-libraries
setup-dev: setup $(STAMPS)/dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS)

$(STAMPS)/run: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/pip install -q --require-hashes -r requirements.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: requirements-dev.txt $(STAMPS)/run
	$(BIN)/pip install -q --require-hashes -r requirements-dev.txt
	@touch $@

$(STAMPS)/browser-libraries: package.json package-lock.json $(STAMPS)/run
	$(BIN)/songbai assets
	@touch $@

# The browser for tests is Debian's Chromium with a Chinese font.
browser:
	@if command -v chromium >/dev/null && fc-list 2>/dev/null | grep -q 'CJK'; then exit 0; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk fontconfig >/dev/null; \
	else echo "Please install chromium and fonts-noto-cjk: the browser tests need them."; exit 1; fi

clean:
	rm -rf $(VENV) node_modules data
