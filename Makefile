# The targets of `make help`. Each does its own set-up; see scripts/.
LINEUP ?= current
JOBS ?=
OUTPUT ?= dist
NATIVE ?=
PREVIOUS ?=
TESTS ?= 3
export NATIVE

PACKAGE = --lineup manifests/$(LINEUP).yml --output $(OUTPUT) $(if $(JOBS),--jobs $(JOBS)) \
	$(if $(PREVIOUS),--previous $(PREVIOUS))
IMAGE = .venv/bin/omnibuild image path Dockerfile.build --bootstrap-suite bullseye
STORE = $${OMNIBUILD_STORE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/omnibuild}
PYTEST = .venv/bin/pytest
# Each process takes whole files, those with hosts first: they wait more than they compute.
BESIDE = --numprocesses $(TESTS) --dist loadfile --no-loadscope-reorder

.PHONY: help package test test-fast test-slow test-node node lint format docs lock lock-python bench clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t 16
	@echo "Variables: LINEUP=classic  NATIVE=1 (build on this host's own system)  JOBS=4  OUTPUT=dist"
	@echo "           PREVIOUS=release.json (of the last release, to compare with)"
	@echo "           TESTS=3 (processes that run tests side by side)"

package: ## Build, check and package the line-up: deb and rpm in dist/
	@scripts/package.sh $(PACKAGE)

test: ## Package the line-up, run the linters and every test but the slow ones, on the real package too
	@scripts/setup.sh build test
	@scripts/lint.sh
	@scripts/package.sh $(PACKAGE)
	@scripts/docker.sh || true # its tests are skipped then, or fail in CI
	$(PYTEST) $(BESIDE) -m "not slow"

test-fast: ## Run the linters and the unit tests
	@scripts/setup.sh test
	@scripts/lint.sh
	$(PYTEST) $(BESIDE) tests/unit

test-slow: ## Run the tests that `make test` leaves out, half an hour: the product built twice must be the same
	@scripts/setup.sh build test
	@scripts/package.sh $(PACKAGE)
	OMNIBUILD_ROOTFS=$$($(IMAGE)) $(PYTEST) -m slow

test-node: ## Run the tests on hosts with systemd, with the package in dist/ (made by `make package`)
	@scripts/setup.sh build test
	@scripts/docker.sh
	$(PYTEST) $(BESIDE) -m "node and not slow"

node: ## Start a host with the package in dist/ installed, to try it: `make node NAME=backend-1`
	@scripts/setup.sh build test
	@scripts/docker.sh
	@.venv/bin/python scripts/node.py $(NAME)

lint: ## Run ruff, mypy and (where it is installed) shellcheck
	@scripts/setup.sh
	@scripts/lint.sh

format: ## Let ruff format and fix the Python files
	@scripts/setup.sh
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

docs: ## Write the generated pages of docs/reference anew
	@scripts/setup.sh
	.venv/bin/python scripts/reference.py

lock: ## Write the line-up's lock anew
	@scripts/setup.sh build
	.venv/bin/omnibuild lock --lineup manifests/$(LINEUP).yml

lock-python: ## Write requirements.lock anew
	@scripts/lock-python.sh

bench: ## Measure omnibuild beside its peers, for docs/performance.md; takes an hour on an idle machine
	@scripts/setup.sh build test
	@scripts/package.sh $(PACKAGE)
	.venv/bin/python benchmarks/build.py --store "$(STORE)" --rootfs "$$($(IMAGE))" --full --json $(OUTPUT)/benchmark.json

clean: ## Remove what was made here (the store of built components is kept)
	rm -rf .venv dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
