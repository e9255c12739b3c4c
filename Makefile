# Vitrine: `make help` lists the targets. They need no more than Python 3.11 and make unless they say so.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
# The first Python that is new enough; PYTHON=/path/to/python overrides it.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
TEMPLATES = $(shell find templates */templates -name '*.html' | sort)
ROUNDS ?= $(if $(SHORT),20,500)
BUYERS ?= 20
WORKERS ?= 2
PYTEST := $(PY) -m pytest

.PHONY: help
help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- Packages -------------------------------------------------------------------------------------

$(PY):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found. Name it: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@echo "Making $(VENV) with $(PYTHON) ..."
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); uv venv -q --seed --python "$(PYTHON)" $(VENV); } || \
		{ rm -rf $(VENV); echo "Python's venv module is missing (on Debian: apt-get install python3-venv)."; exit 1; }

# $(call install,requirements file): by hash, with uv if it works, else with pip.
define install
	@echo "Installing $(1) ..."
	@{ uv --version >/dev/null 2>&1 && uv pip install -q --python $(PY) --require-hashes -r $(1); } || \
		$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r $(1)
	@touch $@
endef

$(VENV)/installed-run: requirements.txt | $(PY)
	$(call install,requirements.txt)

$(VENV)/installed-dev: requirements-dev.txt | $(PY)
	$(call install,requirements-dev.txt)

.PHONY: lock
lock: ## Pin the packages of requirements*.in by hash (needs uv)
	@for name in requirements requirements-dev requirements-production requirements-demo; do \
		uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url $$name.in -o $$name.txt || exit 1; done

# --- Running --------------------------------------------------------------------------------------

.PHONY: run
run: $(VENV)/installed-run ## Run the shop with demo data on http://127.0.0.1:8000 (PORT=..., DEMO=0 for an empty one)
	@DJANGO_SETTINGS_MODULE=storefront.settings.embedded exec $(PY) manage.py run_shop

.PHONY: dev
dev: $(VENV)/installed-dev ## Run the developer's server with reload
	$(PY) manage.py migrate -v0
	$(PY) manage.py setup_shop
	$(PY) manage.py runserver $(or $(PORT),8000)

# --- Checks ---------------------------------------------------------------------------------------

.PHONY: test
test: $(VENV)/installed-dev ## Run all tests on PostgreSQL, then the smoke tests on SQLite
	$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)
	DB=sqlite $(PYTEST) -m sqlite $(ARGS)

.PHONY: browser
browser: $(VENV)/installed-dev ## Run the browser tests (CHROMIUM=/path/to/chromium)
	@CHROMIUM="$${CHROMIUM:-$$(command -v chromium || command -v chromium-browser || command -v google-chrome)}"; \
	test -x "$$CHROMIUM" || { echo "Chromium was not found. Install it, or name it with CHROMIUM=/path/to/chromium."; exit 1; }; \
	CHROMIUM="$$CHROMIUM" DJANGO_ALLOW_ASYNC_UNSAFE=true $(PYTEST) --override-ini "addopts=$(ALONE)" tests/browser $(ARGS)

.PHONY: race
race: $(VENV)/installed-dev ## Run the races on PostgreSQL (ROUNDS=500 BUYERS=20, SHORT=1 for 20 rounds)
	ROUNDS=$(ROUNDS) BUYERS=$(BUYERS) $(PYTEST) --override-ini "addopts=$(ALONE)" tests/races -s $(ARGS)

.PHONY: truth
truth: $(VENV)/installed-dev ## Change a shop at random and look for stale pages (TRUTH_SECONDS=600 TRUTH_SEED=..., SHORT=1 for 20 s)
	TRUTH_SECONDS=$(or $(TRUTH_SECONDS),$(if $(SHORT),20,600)) $(PYTEST) --override-ini "addopts=$(ALONE)" tests/truth -s $(ARGS)

.PHONY: load
load: $(VENV)/installed-dev ## Send mixed requests while pages are published (REQUESTS=10000 LOAD_SEED=..., SHORT=1 for 1,000)
	REQUESTS=$(or $(REQUESTS),$(if $(SHORT),1000,10000)) $(PYTEST) --override-ini "addopts=$(ALONE)" tests/load -s $(ARGS)

.PHONY: webhooks
webhooks: $(VENV)/installed-dev ## Deliver a bank's notices doubled, late, forged (EVENTS=5000 WEBHOOK_SEED=..., SHORT=1 for 300)
	KIT_ROUNDS=$(if $(SHORT),2,20) EVENTS=$(or $(EVENTS),$(if $(SHORT),300,5000)) $(PYTEST) \
		--override-ini "addopts=$(ALONE)" tests/webhooks $(if $(SHORT),,orders/gateways/tests/test_kit.py) -s $(ARGS)

.PHONY: planted
planted: $(VENV)/installed-dev ## Plant a violation of every invariant; each has to find its own
	$(PYTEST) -p tests.planted -p no:randomly -q -m violates $(wildcard */tests/test_*invariants.py) \
		common/tests/test_outbox.py staff/tests/test_attention.py storefront/tests/test_snapshot.py $(ARGS)

.PHONY: mutants
mutants: $(VENV)/installed-dev ## Put named faults into a copy of the code; the tests have to notice each (MUTANTS=words)
	$(PY) -m tests.mutants

.PHONY: acl
acl: $(VENV)/installed-dev ## Ask every address by every method as every kind of person
	$(PYTEST) --override-ini "addopts=$(ALONE)" tests/acl -s $(ARGS)

.PHONY: canary
canary: $(VENV)/installed-dev ## Look for fifty customers everywhere, as everybody, and again once they are deleted (SHORT=1: fewer pages)
	$(PYTEST) --override-ini "addopts=$(ALONE)" tests/canary -s $(ARGS)

.PHONY: auth
auth: $(VENV)/installed-dev ## Forge tokens, guess passwords in parallel, compare answers (SAMPLES=300, SHORT=1 for 60)
	SAMPLES=$(or $(SAMPLES),$(if $(SHORT),60,300)) $(PYTEST) --override-ini "addopts=$(ALONE)" tests/auth -s $(ARGS)

# `make test` leaves out the slow suites; this removes the option that excludes them.
ALONE := -p tests.pgplugin --strict-markers -p no:randomly

.PHONY: check
check: $(VENV)/installed-dev web-check ## Check format, lint, types, layers, migrations, templates, css, js, commits
	$(PY) .ci/commits.py
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djade --check --target-version 5.2 $(TEMPLATES)
	$(BIN)/djhtml --check --tabwidth 2 $(TEMPLATES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check_templates
	$(BIN)/djlint --lint --quiet templates
	$(PY) manage.py env_example --check
	$(PY) manage.py reference_pages --check
	DB=none $(PYTEST) -q tests/test_architecture.py tests/test_english.py
	@DB=none $(PYTEST) --collect-only -q -p no:randomly | tail -n 1

.PHONY: bench
bench: $(VENV)/installed-dev ## Measure pages and purchases against a bare Django page (PRODUCTS=1000,20000,100000, SHORT=1 for 1,000)
	$(PY) -m bench.run

# --- Generated files ------------------------------------------------------------------------------

.PHONY: env
env: $(VENV)/installed-dev ## Write .env.example and the tables in docs/reference that come from the code
	$(PY) manage.py env_example
	$(PY) manage.py reference_pages

node_modules: package.json package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch node_modules

.PHONY: web
web: css js ## Build style sheets and scripts (needs npm)

.PHONY: css
css: node_modules ## Build style sheets only
	npm run --silent css

.PHONY: js
js: node_modules ## Build scripts only
	npm run --silent js

# Without npm, css and js cannot be checked; CI installs npm.
.PHONY: web-check
web-check:
	@if command -v npm >/dev/null && $(MAKE) --no-print-directory node_modules; then \
		npm run --silent css:check && npm run --silent js:check && npm run --silent lint; \
	elif [ -n "$$CI" ]; then echo "npm is needed to check css and js, but it could not be used."; exit 1; \
	else echo "npm was not found: css and js are not checked."; fi

.PHONY: format
format: $(VENV)/installed-dev format-templates ## Format Python, templates, css and js (the last two need npm)
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .
	@if command -v npm >/dev/null && $(MAKE) --no-print-directory node_modules; then npm run --silent format; fi

# djade and djhtml exit with 1 if they have changed something.
.PHONY: format-templates
format-templates: $(VENV)/installed-dev
	@$(BIN)/djade --target-version 5.2 $(TEMPLATES) || true
	@$(BIN)/djhtml --tabwidth 2 $(TEMPLATES) || true

.PHONY: messages
messages: $(VENV)/installed-dev ## Compile the translations
	$(PY) manage.py compilemessages -v0 --ignore=$(VENV) --ignore=node_modules

.PHONY: clean
clean: ## Remove the virtual environment, caches and test databases; var/ with the shop's data stays
	rm -rf $(VENV) node_modules .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache test-results var/test-pg var/test-media
