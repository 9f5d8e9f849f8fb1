# Everything a contributor runs. Each target makes what it needs first; a machine needs Python 3.11+, make and npm.
#   setup   .venv/bin/guanxi, ready to use         check   style, types, layers, migrations, translations, docs
#                                                  (in two halves at once: style, proofs)
#   test    the tests, on SQLite and PostgreSQL    e2e     the same in a real Chromium
#   bench   what is fast stays fast                torture crash, race and fuzz tests at full counts
#   fix     formatting                             docs    links, commands and examples of the documentation
#   pictures the README's and the guide's, from the demo shop
#   lock    the lock files, after pyproject.toml changed
#   release dist/: wheel, source archive, bill of materials, checksums; ADVISORIES= where nobody can be asked about flaws
#   demo    a shop full of customers to look around in; DEMO="--port 8001" asks for another port

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
WORKERS ?= 2
PYTEST := $(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal --durations 5
# What `make check` runs; `make test` runs of it what asks the book, on PostgreSQL.
CHECKED := tests/architecture tests/docs tests/pages/test_messages.py
# The second database is tried even where the first one failed, with whatever asks the book: the rest is the same there.
on_both = bad=0; echo '— SQLite —'; GUANXI_DATABASE_URL= $(PYTEST) -m '$(1)' $(2) || bad=1; \
	echo '— PostgreSQL —'; $(BIN)/python -m tests.postgres $(PYTEST) -m 'book and ($(1))' || bad=1; exit $$bad
DOCTEST := $(BIN)/pytest -q -p no:cacheprovider --doctest-modules --ignore-glob '*/migrations/*' src/guanxi
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'
FRONT := $(shell find src/guanxi/pages/static/pages/css src/guanxi/pages/static/pages/js src/guanxi/pages/locale \
	-name '*.css' -o -name '*.js' -o -name '*.po') src/guanxi/pages/icons.py src/guanxi/pages/build.py

export GUANXI_CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
unexport DJANGO_SETTINGS_MODULE GUANXI_HOME

GUANXI_DEMO ?= .guanxi-demo
ADVISORIES ?= required

.PHONY: setup demo check style proofs test e2e bench torture fix pictures docs lock release clean
.DELETE_ON_ERROR:

setup: .venv/.built

.venv/.made:
	@test -n '$(PYTHON)' || { echo 'Guanxi needs Python 3.11 or newer, with venv. Install it, or name it: make PYTHON=…'; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: requirements-dev.lock pyproject.toml | .venv/.made
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

node_modules/.installed: package-lock.json package.json
	npm ci --no-audit --no-fund --ignore-scripts --loglevel error
	@touch $@

.venv/.built: .venv/.installed node_modules/.installed $(FRONT)
	$(BIN)/python -m guanxi.pages.build
	@touch $@

demo: setup
	@GUANXI_HOME=$(GUANXI_DEMO) $(BIN)/guanxi demo $(DEMO)

check: setup
	@$(MAKE) --no-print-directory --jobs 2 style proofs

style: setup
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --quiet --lint src

proofs: setup
	$(BIN)/python -m tests.migrations
	$(BIN)/python -m tests.advisories
	$(BIN)/pytest -q -p no:cacheprovider $(CHECKED)
	$(BIN)/pytest -q -p no:cacheprovider tests/web/test_api.py -k agreed
	$(DOCTEST)

test: setup
	@$(call on_both,not browser,$(addprefix --ignore=,$(CHECKED)))

e2e: setup
	@test -n "$$GUANXI_CHROMIUM" || { echo 'No Chromium was found. Install it, or name it in GUANXI_CHROMIUM.'; exit 1; }
	@$(call on_both,browser)

torture: export GUANXI_TORTURE = 1
torture: setup
	@$(call on_both,crash or hypothesis)

bench: setup
	$(BIN)/python -m benchmarks $(BENCH)

pictures: setup
	GUANXI_HOME=$(GUANXI_DEMO) $(BIN)/python -m tests.pictures docs/pictures
	GUANXI_HOME=$(GUANXI_DEMO) $(BIN)/python -m tests.pictures artifacts/pictures --every

docs: setup
	$(BIN)/pytest -q -p no:cacheprovider tests/docs
	$(DOCTEST)

fix: setup
	$(BIN)/ruff check --quiet --fix . || true
	$(BIN)/ruff format --quiet .
	$(BIN)/djlint --quiet --reformat src || true
	$(BIN)/python -m guanxi.pages.messages

lock: .venv/.made
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) $(UPGRADE) --output-file requirements.lock
	$(COMPILE) $(UPGRADE) --group dev --constraint requirements.lock --output-file requirements-dev.lock

release: export GUANXI_ADVISORIES = $(ADVISORIES)
release: setup
	$(BIN)/python -m tests.advisories requirements.lock
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist
	$(BIN)/python -m tests.sbom dist
	cd dist && sha256sum * > SHA256SUMS
	$(BIN)/pytest -q -p no:cacheprovider tests/release

clean:
	rm -rf .venv node_modules dist src/guanxi/pages/static/pages/vendor
	find src -name '*.mo' -delete
