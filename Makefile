# Hearback: `make run` and `make test` are all that a newcomer needs.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: help run test check bench fuzz simulate package deploy lock format clean

PY := .venv/bin/python
ARGS ?=
STAGE ?=
export PYTHON

# A stamp is named by the digest of its lock file, so that a renewed lock is installed and an
# unchanged one costs nothing. infra/install.py writes the same names.
digest = $(shell (sha256sum $(1) 2>/dev/null || shasum -a 256 $(1)) | cut -c1-16)
LOCAL := .venv/installed-local-$(call digest,requirements-local.txt)
DEV := .venv/installed-dev-$(call digest,requirements-dev.txt)
FUZZ := .venv/installed-fuzz-$(call digest,requirements-fuzz.txt)

help: ## show this list
	@echo "Hearback: social customer care in your own AWS account. What make can do:"
	@echo
	@sed -n 's/^\([a-z][a-z]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'
	@echo
	@echo "Python: the newest of 3.13, 3.12, 3.11 that runs here. Another: make run PYTHON=/path/to/python"

run: $(LOCAL) ## play a day of traffic on a local AWS (ARGS=--once ends by itself; ARGS=--help tells more)
	@$(PY) -m infra.local.run $(ARGS)

test: $(DEV) ## the gate: format, lint, types, floors, audit, templates, locks, every test, coverage
	@$(PY) -m infra.gate $(ARGS)

check: $(DEV) ## the quick part of the gate: all but the integration and end-to-end tests
	@$(PY) -m infra.gate --quick $(ARGS)

bench: $(DEV) ## measure requests, bytes, transitions and CPU per message
	@$(PY) -m bench $(ARGS)

fuzz: $(FUZZ) ## fuzz the parsers of the channels (ARGS="--seconds 600 --only parse-email")
	@$(PY) -m tests.fuzz $(ARGS)

simulate: $(DEV) ## play random histories with faults (ARGS="--seconds 600 | --histories 5000 | --seed 7 | --from 7")
	@$(PY) -m tests.simulation $(ARGS)

package: $(LOCAL) ## build the package and the template of a stage: make package STAGE=prod
	@test -n "$(STAGE)" || { echo "Say which stage: make package STAGE=prod" >&2; exit 2; }
	@$(PY) -m infra.package --stage "$(STAGE)" $(ARGS)

deploy: $(LOCAL) ## deploy a stage to your AWS account, after showing what will change: make deploy STAGE=prod
	@test -n "$(STAGE)" || { echo "Say which stage: make deploy STAGE=prod" >&2; exit 2; }
	@$(PY) -m infra.deploy --stage "$(STAGE)" $(ARGS)

lock: $(DEV) ## renew the lock files from requirements*.in (needs a package index)
	@$(PY) -m infra.lock

format: $(DEV) ## format the code and mend what the linter can mend
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

clean: ## remove what was built, caches and .venv
	rm -rf .venv build vendor .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(LOCAL):
	@python=$$(sh infra/python.sh) && "$$python" -m infra.install local

$(FUZZ):
	@python=$$(sh infra/python.sh) && "$$python" -m infra.install fuzz

$(DEV):
	@python=$$(sh infra/python.sh) && "$$python" -m infra.install dev
