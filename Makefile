# Keyspan. `make help` lists what there is; each target sets up what it needs.
# Works with GNU make 3.81 (macOS) and later; needs only git, make and Python 3.11 or later.

VENV := .venv
BIN := $(VENV)/bin
DATA := .keyspan
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
PYTEST := $(BIN)/python -m pytest
UV := .cache/uv/bin/uv
CLIENTS := .cache/clients
MOTO := .cache/moto
JAVASCRIPT := .cache/javascript
COMPILED_PACKAGES := build/compiled
JAVASCRIPT_FILES := tests/compat/clients/javascript
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" $(UPGRADE)

# The first Python on PATH that runs, is recent enough and can make virtual environments.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$each -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && echo $$each && break; done)

# COMPILED=1 goes with every target that runs something: the packages are those with the hot path
# compiled, bench and tests are these.
ifdef COMPILED
export PYTHONPATH := $(CURDIR)/$(COMPILED_PACKAGES):$(CURDIR)
export PYTHONSAFEPATH := 1
export PYTEST_ADDOPTS := --import-mode=append
setup: $(COMPILED_PACKAGES)/.built
endif

# Nodes are started many times; without bytecode, each start would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
export PIP_ROOT_USER_ACTION := ignore

.DEFAULT_GOAL := help
.PHONY: help demo up test lint types unit compiled faults simulate clients fuzz containers compatibility bench lock clean distclean setup
.SUFFIXES:

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' $(MAKEFILE_LIST) | \
	while IFS='|' read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

demo: setup ## play the whole story in three regions, then lose one under load
	@$(BIN)/keyspan demo
	@$(BIN)/keyspan drill region-loss --own --report drills/demo

up: setup ## run three regions until Ctrl-C; OPTIONS="--links --movable-clock" for rehearsals
	@$(BIN)/keyspan up --data $(DATA) $(OPTIONS)

test: lint types unit ## every check that needs no cluster of processes

lint: setup ## style, formatting and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: setup ## mypy --strict
	$(BIN)/mypy

unit: setup ## the quick tests; COVERAGE=1 reports coverage too, and takes half as long again
	$(PYTEST) -m "not processes and not containers" -n 2 --dist worksteal \
		$(if $(COVERAGE),--cov --cov-report=term:skip-covered)

compiled: $(COMPILED_PACKAGES)/.built ## compile the hot path (needs a C compiler); COMPILED=1 runs any target with it

simulate: setup ## whole clusters in one process, by seed: SEEDS=500, SEEDS=0-9999, or SEED=7 to replay
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),500)) \
		$(if $(STEPS),--steps $(STEPS))

faults: setup ## the tests with real nodes and real Valkey servers, killed and tampered with
	$(PYTEST) -m "processes and not clients"

clients: setup $(CLIENTS)/.installed $(JAVASCRIPT)/.installed ## clients that others wrote, unmodified, against three real regions
	$(PYTEST) tests/compat -m clients

containers: setup ## compose.yaml in Docker: regions killed, cut off and healed
	@tests/containers/run.sh

fuzz: setup ## 100,000 odd requests to real nodes; REQUESTS=…, SEED=…, CONVERSATION=… to play again
	@$(BIN)/python -m tests.fuzz $(if $(REQUESTS),--requests $(REQUESTS)) \
		$(if $(SEED),--seed $(SEED)) $(if $(CONVERSATION),--conversation $(CONVERSATION))

compatibility: setup ## write docs/compatibility.md anew, from what the code does
	@$(BIN)/python -m tests.compat.page

bench: setup $(MOTO)/.installed ## the data plane beside references, and every section; ONLY=audit,Decrypt for some
	@$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

lock: $(UV) ## write requirements/*.txt anew; UPGRADE=--upgrade takes newer versions
	$(COMPILE) -o requirements/lock.txt requirements/lock.in
	$(COMPILE) -o requirements/build.txt requirements/build.in
	$(COMPILE) -o requirements/image.txt pyproject.toml
	$(COMPILE) -o requirements/compose.txt requirements/compose.in
	$(COMPILE) -o requirements/clients.txt requirements/clients.in
	$(COMPILE) -o requirements/moto.txt requirements/moto.in
	$(COMPILE) -o requirements/development.txt --extra demo --extra dev \
		pyproject.toml requirements/build.in

clean: ## remove the data of `make up`, reports and caches
	@holder=$$(sed -n 's/^  "pid": \([0-9]*\),$$/\1/p' $(DATA)/up.json 2>/dev/null); \
	if [ -n "$$holder" ] && kill -0 "$$holder" 2>/dev/null; then \
		echo "make clean: the cluster in $(DATA) is running (process $$holder); end it first." >&2; \
		exit 1; \
	fi
	rm -rf $(DATA) drills .cache .coverage htmlcov build dist \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -exec rm -rf {} +

distclean: clean ## remove the virtual environment too
	rm -rf $(VENV) keyspan.egg-info

# Set-up, in two steps: the locked packages, and Keyspan itself. A stamp file says when each was
# done, so that a target starts at once unless the lock or the project file has changed since.
# A lock is whole, so pip resolves nothing (--no-deps): older ones look for a release newer than the
# locked one first, and refuse it for want of a hash.

setup: $(VENV)/.installed

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The sources are given as they are now, so that a change is never run compiled as it was before.
$(COMPILED_PACKAGES)/.built: $(VENV)/.installed setup.py pyproject.toml \
		$(shell find crypto replication node -name '*.py' -o -name '*.toml')
	@echo "Compiling the hot path: this takes two minutes, after each change."
	@rm -rf build
	@KEYSPAN_COMPILE=1 $(BIN)/python setup.py --quiet build --parallel 2 \
		--build-lib $(COMPILED_PACKAGES)
	@touch $@

$(VENV)/.locked: requirements/development.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "Keyspan needs Python 3.11 or later with venv; install it" \
			"(on Debian: apt install python3-venv), or name one with make PYTHON=…" >&2; \
		exit 1; \
	fi
	@echo "Setting up $(VENV) with $(PYTHON): this takes a minute, once."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --no-deps --require-hashes --requirement requirements/development.txt
	@$(PIP) check
	@touch $@

# The reference of `make bench` that others wrote.

$(MOTO)/.installed: requirements/moto.txt
	@echo "Setting up $(MOTO): this takes a minute, once."
	@$(PYTHON) -m venv --clear $(MOTO)
	@$(MOTO)/bin/python -m pip --disable-pip-version-check --no-input --quiet install \
		--no-deps --require-hashes --requirement requirements/moto.txt
	@touch $@

# What the tests with clients need beside: packages in versions of their own, and, where there is
# Node.js, those of npm. Both are locked with hashes.

$(CLIENTS)/.installed: requirements/clients.txt
	@echo "Setting up $(CLIENTS): this takes a minute, once."
	@$(PYTHON) -m venv --clear $(CLIENTS)
	@$(CLIENTS)/bin/python -m pip --disable-pip-version-check --no-input --quiet install \
		--no-deps --require-hashes --requirement requirements/clients.txt
	@touch $@

$(JAVASCRIPT)/.installed: $(JAVASCRIPT_FILES)/package.json $(JAVASCRIPT_FILES)/package-lock.json
	@mkdir -p $(JAVASCRIPT)
	@cp $^ $(JAVASCRIPT)
	@if command -v npm >/dev/null; then \
		cd $(JAVASCRIPT) && npm ci --no-audit --no-fund --silent; \
	else \
		echo "There is no npm: the tests with clients in JavaScript are skipped."; \
	fi
	@touch $@

$(UV): requirements/lock.txt
	@$(PYTHON) -m venv --clear .cache/uv
	@.cache/uv/bin/python -m pip --disable-pip-version-check --quiet install \
		--no-deps --require-hashes --requirement requirements/lock.txt
	@touch $@
