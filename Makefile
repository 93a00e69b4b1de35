# make demo    the demo city in a browser: needs only python3, make and the package registries
# make check   format, lint, types, imports, migrations, settings, quick tests (under two minutes)
# make test    everything from nothing: set-up, all checks, all tests
# make days    the quick tests on days that are hard for calendars
#
# PORT and SONGBAI_HOME may be given; PYTHON names another interpreter (3.11 or newer);
# TODAY=2028-02-29T23:50 gives program, tests and database a day of their own.

PYTHON ?= python3
PORT ?= 8000
SONGBAI_HOME ?= $(CURDIR)/data
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
PYTEST := $(BIN)/python -m pytest -q -n 2

# Ends of months and years, leap days, spring festival, a Sunday, a day beyond working_days.yaml.
DAYS ?= 2026-12-31T23:50 2027-01-01 2027-02-06 2027-02-28T23:50 2027-03-01T00:05 2027-10-31T12:00 \
  2028-02-28T23:50 2028-02-29T23:50 2028-12-31T23:50 2031-06-15

export SONGBAI_HOME
# Hundreds of processes are started by the tests: each begins a third sooner from compiled files.
unexport PYTHONDONTWRITEBYTECODE
ifdef TODAY
export SONGBAI_TODAY := $(TODAY)
endif

.PHONY: demo test days check quick static types style rules bench docs setup browser letters clean

demo: .venv/.demo-ready letters
	@$(BIN)/songbai dispatch warm >/dev/null & # the planner is compiled while the district is built
	$(BIN)/songbai demo --port $(PORT)

# Slow tests wait for processes they start: three at a time keep two processors busy.
test: check
	$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder -m "slow or long"

days: setup
	@for day in $(DAYS); do echo "On $$day:"; SONGBAI_TODAY=$$day $(PYTEST) -m "not slow" || exit 1; done

check: setup
	@$(MAKE) --no-print-directory -j 2 --output-sync=target quick static

quick:
	$(PYTEST) -m "not slow and not long"

static: types style rules docs

types:
	$(BIN)/mypy .

style:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

# The import rules themselves, and that models and migrations agree, are tests (tests/test_architecture.py).
rules:
	SONGBAI_HTTPS=1 $(BIN)/songbai check --deploy --fail-level WARNING

# Needs a running demo.
bench: setup
	$(BIN)/python -m bench.pages --url http://127.0.0.1:$(PORT)

docs:
	$(PYTHON) .ci/check_links.py

setup: .venv/.ready browser letters
	@$(BIN)/songbai dispatch warm

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Songbai needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

.venv/.demo-ready: requirements.txt pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

.venv/.ready: requirements-dev.txt pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements-dev.txt
	$(PIP) --no-deps --no-build-isolation -e .
	$(BIN)/songbai assets
	touch $@ .venv/.demo-ready

# Browser tests drive Debian's Chromium, best without a window; Chinese needs a font.
browser: .venv/.browser-ready

.venv/.browser-ready: | .venv/bin/python
	@if command -v chromium-headless-shell chromium >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q .; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium-headless-shell fontconfig fonts-noto-cjk; \
	else \
	  echo "Tests need the packages chromium-headless-shell (or chromium) and fonts-noto-cjk: ask an administrator," \
	    "or run 'apt-get install chromium-headless-shell fonts-noto-cjk' as root." >&2; exit 1; \
	fi
	@touch $@

# Letters are laid out by WeasyPrint, which needs Pango, HarfBuzz's subsetter and a Chinese font.
letters: .venv/.letters-ready

LETTER_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-cjk
LETTER_CHECK := import sys; from ctypes.util import find_library as found; \
  sys.exit(not all(map(found, ["pango-1.0", "pangoft2-1.0", "harfbuzz-subset", "fontconfig"])))

.venv/.letters-ready: | .venv/bin/python
	@ready() { $(BIN)/python -c '$(LETTER_CHECK)' && fc-list :lang=zh 2>/dev/null | grep -q .; }; \
	install() { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(LETTER_PACKAGES); }; \
	if ready || { install && ready; }; then :; else \
	  echo "打印告知书要用 pango、harfbuzz-subset 和中文字体，这台电脑还没有装全。请管理员执行：" \
	    "apt-get install $(LETTER_PACKAGES)，然后再运行一次。" >&2; exit 1; \
	fi
	@touch $@

clean:
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
