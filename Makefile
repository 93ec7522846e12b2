# Everything that a newcomer or CI runs. Each target sets up what it needs: python3 (3.11 or newer), pip, git and make
# are all that must be there. The set-up is done once; it is done again when pyproject.toml changes.

PYTHON ?= python3
WORKERS ?= 2
# Tests of one file stay together, so that what they share is made once, and nobody waits for the last worker.
SHARED := -n $(WORKERS) --dist worksteal
VENV := .venv
BIN := $(VENV)/bin
PARTS := postgresql chromium fonts-dejavu-core
ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-slow fuzz check lock bench format clean

help: ## list the targets
	@echo "Signet, the contract registry that is a Git repository."
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target text; do \
		printf '  make %-10s %s\n' "$$target" "$$text"; done

demo: $(VENV)/.ready-demo ## watch Deploy Guard stop a deployment and let the fixed one through (about a minute)
	@$(BIN)/signet demo

test: $(VENV)/.ready-dev ## run the quick tests
	$(BIN)/python -m pytest $(SHARED) -m "not slow"

test-slow: $(VENV)/.ready-dev $(VENV)/.ready-parts ## run the slow tests: the built wheel alone, races, many rounds
	SIGNET_FUZZ=thorough $(BIN)/python -m pytest $(SHARED) -m "slow and not alone"
	$(BIN)/python -m pytest -m alone

fuzz: $(VENV)/.ready-dev ## feed new random input to every reader, command, tree and write
	SIGNET_FUZZ=new $(BIN)/python -m pytest $(SHARED) tests/fuzz

check: $(VENV)/.ready-dev ## check format, lint, types, imports and the workflow; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/actionlint .github/workflows/*.yml

lock: pyproject.toml | $(BIN)/python ## choose the versions, with hashes, that the action setup installs
	@$(PIP) uv
	@sed -n 's/^requires = \["\(hatchling[^"]*\)"\]/\1/p' pyproject.toml >$(VENV)/build.in
	@for kind in "" -extras; do \
		$(BIN)/uv pip compile pyproject.toml $(VENV)/build.in $${kind:+--extra test --extra pact --extra mock --extra proxy} --universal --generate-hashes --upgrade \
			--no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet \
			--no-emit-package signet-registry --output-file actions/setup/locked$$kind.txt >/dev/null || exit 1; \
	done

bench: $(VENV)/.ready-dev ## measure, print ratios, and write them to docs/benchmarks.md
	$(BIN)/python -m tests.bench

format: $(VENV)/.ready-dev ## format the code and mend what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove everything that these targets made, .venv too
	rm -rf $(VENV) build dist .coverage htmlcov
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	rm -rf docs/examples/shop/run
	find signet tests docs -name __pycache__ -prune -exec rm -rf {} +

# Debian's python3 may come without ensurepip; then the pip of python3 itself fills the environment.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Signet needs Python 3.11 or newer. Name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || { \
		$(PYTHON) -m venv --clear --without-pip $(VENV) && \
		$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check pip; } || { \
		rm -rf $(VENV); echo "$(PYTHON) can make no environment. On Debian: apt install python3-venv" >&2; exit 1; }

$(VENV)/.ready-demo: pyproject.toml | $(BIN)/python
	@echo "Installing Signet into $(VENV) ..."
	@$(PIP) --editable '.[pact,test]'
	@touch $@

$(VENV)/.ready-dev: pyproject.toml | $(BIN)/python
	@echo "Installing Signet and its test tools into $(VENV) ..."
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.ready-demo

# Debian's own packages: a database server, a browser, and a font for it. Tests start servers of their own; without these
# they are skipped, and say so.
HAS_PARTS := command -v chromium >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
$(VENV)/.ready-parts: | $(BIN)/python
	@if ! { $(HAS_PARTS); }; then \
		echo "Installing what slow tests use: $(PARTS) ..."; \
		$(ROOT) apt-get update -qq && \
		$(ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(PARTS) >/dev/null || \
		echo "They cannot be installed here: it takes Debian's apt-get, and root or sudo. Install them by yourself." >&2; fi
	@if $(HAS_PARTS); then touch $@; fi
