# `make run` opens the window, `make test` checks everything; both first install what is missing into .venv.
.DEFAULT_GOAL := help
.PHONY: help run test lint format bench clean ready

PYTHON := .venv/bin/python
# One thread each: test machines are small, and benchmarks compare like with like.
OFFSCREEN := QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 MKL_NUM_THREADS=1

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1@\2/p' Makefile | awk -F@ '{ printf "%-12s %s\n", $$1, $$2 }'

run: ready ## open the window (ARGS="FILE --lengths 3,2,4" opens a batch)
	@$(PYTHON) -m packviz $(ARGS)

test: lint ## format, lint, types and tests (ARGS="-k paste" runs some of the tests)
	@$(OFFSCREEN) $(PYTHON) -m pytest --durations=10 $(ARGS)

lint: ready ## format, lint and types only
	@$(PYTHON) -m ruff format --check --quiet . || { echo "make format puts that right"; exit 1; }
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m mypy --no-error-summary packviz

format: ready ## put the code into the format of the house
	@$(PYTHON) -m ruff check --quiet --fix-only .
	@$(PYTHON) -m ruff format .

bench: ready ## speed and memory beside their targets (ARGS="start packing" measures some)
	@$(OFFSCREEN) $(PYTHON) -m tests.bench.run $(ARGS)

clean: ## remove what make made, .venv too
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

ready:
	@.ci/setup
