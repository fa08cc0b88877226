# `make run` opens the window, `make test` checks everything; both first install what is missing into .venv.
.DEFAULT_GOAL := help
.PHONY: help run test lint format bench pictures clean ready

PYTHON := .venv/bin/python
# One thread each: test machines are small, and benchmarks compare like with like.
OFFSCREEN := QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
# A process a core, but not so many that their torches fill the memory; the one that is done takes over from the others.
# What ARGS says wins: -n 0 or --pdb test in one process, and so does -p no:xdist, which knows no -n.
SHARED_OUT := $(if $(findstring no:xdist,$(ARGS)),,-n auto --maxprocesses 4 --dist worksteal)

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1@\2/p' Makefile | awk -F@ '{ printf "%-14s %s\n", $$1, $$2 }'

run: ready ## open the window (ARGS="FILE --lengths 3,2,4" opens a batch)
	@$(PYTHON) -m packviz $(ARGS)

test: lint ## format, lint, types and tests (ARGS="-k paste" runs some of the tests, ARGS="-n 0" all in one process)
	@$(OFFSCREEN) $(PYTHON) -m pytest --durations=10 $(SHARED_OUT) $(ARGS)

lint: ready ## format, lint and types only
	@$(PYTHON) -m ruff format --check --quiet . || { echo "make format puts that right"; exit 1; }
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m mypy --no-error-summary packviz

format: ready ## put the code into the format of the house
	@$(PYTHON) -m ruff check --quiet --fix-only .
	@$(PYTHON) -m ruff format .

bench: ready ## speed and memory beside their targets (ARGS="start packing" measures some)
	@$(OFFSCREEN) $(PYTHON) -m tests.bench.run $(ARGS)

# The batch of the first picture: row 2 counts a padding cell.
SHOWN := {"x": [[1.0,2,3,0,0],[4,5,0,0,0],[6,7,8,9,0],[7,3,2,5,8]], "lengths": [3,2,5,5], \
    "batch_first": true, "enforce_sorted": false}
RENDER := QT_QPA_PLATFORM=offscreen $(PYTHON) -m packviz render

# A program with one bad batch is run in a folder of its own, as somebody would, and what it leaves is drawn.
RECORDED = here=$$(pwd) && there=$$(mktemp -d) && cp tests/programs/wrong/one_bad_batch.py $$there/train.py && cd $$there \
	&& export PYTHONPATH=$$here QT_QPA_PLATFORM=offscreen && $$here/$(PYTHON) -m packviz run train.py 2>summary.txt \
	&& $$here/$(PYTHON) -m packviz render train.packviz -o $$here/$(1) --step 4 ; status=$$? ; rm -r $$there ; exit $$status

pictures: ready ## draw the pictures of the README
	@echo '$(SHOWN)' | $(RENDER) - -o resources/pictures/window.png --step 2
	@$(RENDER) sample:first-batch -o resources/pictures/first-batch.png --step 2 --theme light
	@$(RENDER) sample:first-batch --lengths 5,2,4 -o resources/pictures/broken.png --step 3 --theme light
	@$(RENDER) sample:beyond-the-end -o resources/pictures/beyond-the-end.png --step 3
	@$(RENDER) sample:beyond-the-end -o resources/pictures/explained.png --theme light \
		--explain 'start (10) + length (1) exceeds dimension size (10).'
	@$(RENDER) sample:inconsistent-lengths -o resources/pictures/probe.png --probe
	@$(RENDER) sample:first-batch -o resources/pictures/stacked.png --step 2 --layers 2 --bidirectional --layer 1 \
		--direction backward
	@$(call RECORDED,resources/pictures/recording.png)
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m tests.pictures.after_crash resources/pictures/after-crash.png

clean: ## remove what make made, .venv too
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

ready:
	@.ci/setup
