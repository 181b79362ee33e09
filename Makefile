# Two commands matter: `make demo` animates the example photo, `make test` proves the project.
# Variables: PYTHON (used once, to create the environment), VENV (where it lies), DEMO (the demo's file),
# TEST_JOBS (test files that run at a time), PHOTOS (of the film strips).

PYTHON ?= python3
VENV ?= .venv
DEMO ?= out/dandelion.mp4
TEST_JOBS ?= 2
PHOTOS ?= examples/dandelion.jpg $(wildcard ../shared/photos/*.jpg)

BIN := $(VENV)/bin
# Stamps lie inside the environment: whoever removes it removes them too.
CORE := $(VENV)/.multiplane-core
KERNELS := $(VENV)/.multiplane-kernels
DEV := $(VENV)/.multiplane-dev
# --no-build-isolation: the build uses the setuptools of constraints.txt, not the newest one of the day.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo serve test lint format bench packs schema config-table filmstrip filmstrips clean

help:
	@echo "make demo       animate examples/dandelion.jpg into $(DEMO)"
	@echo "make serve      start the HTTP service; Ctrl-C stops it"
	@echo "make test       the whole test suite"
	@echo "make lint       formatting, lint and types"
	@echo "make format     put the code into the project's format"
	@echo "make bench      the benchmarks: Ken Burns, the timeline, depth, the service (many minutes)"
	@echo "make packs      fetch the default packs: music, fonts, the subject mask, where a network is there"
	@echo "make schema     write the JSON Schema of drafts again"
	@echo "make config-table  write the table of settings again"
	@echo "make filmstrip  render the README's pictures again"
	@echo "make filmstrips film strips of PHOTOS in depth, three moves each, into out/strips; to be looked at"
	@echo "make clean      remove what make has made, the environment included"

demo: $(CORE) $(KERNELS) packs
	@mkdir -p $(dir $(DEMO))
	$(BIN)/multiplane animate examples/dandelion.jpg "slow zoom in" -o $(DEMO) --overwrite
	@echo "The demo is $(abspath $(DEMO))"

serve: $(CORE) $(KERNELS)
	@exec $(BIN)/multiplane serve

test: $(DEV) $(KERNELS) packs
	$(BIN)/python -m pytest -n $(TEST_JOBS) --dist loadfile --no-loadscope-reorder tests/service tests

lint: $(DEV)
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m ruff check
	$(BIN)/python -m mypy

format: $(DEV)
	$(BIN)/python -m ruff check --fix --select I
	$(BIN)/python -m ruff format

bench: $(DEV) $(KERNELS)
	$(BIN)/python -m benchmarks.kenburns
	$(BIN)/python -m benchmarks.timeline
	$(BIN)/python -m benchmarks.parallax
	$(BIN)/python -m benchmarks.service

# The one step that fetches anything; without a network it says so, and everything but the packs' content works.
packs: $(CORE)
	$(BIN)/multiplane packs pull --all-default --if-possible

schema: $(CORE)
	$(BIN)/python -c "from engine.timeline import schema_text; print(schema_text(), end='')" > docs/draft.schema.json

# By way of a second file: a failure must leave the old one.
config-table: $(CORE)
	$(BIN)/python -m api.config.table > docs/configuration.md.new
	mv docs/configuration.md.new docs/configuration.md

filmstrip: demo
	$(BIN)/multiplane animate examples/dandelion.jpg "zoom in fast while panning right, 6 seconds" \
	  -o out/pan.mp4 --overwrite
	$(BIN)/python examples/filmstrip.py docs/filmstrip.jpg $(DEMO) out/pan.mp4
	$(BIN)/multiplane preview examples/timeline.json --filmstrip 10 -o docs/timeline.jpg --overwrite
	$(BIN)/python -m examples.parallax_strips out/strips examples/dandelion.jpg
	cp out/strips/dandelion.jpg docs/parallax.jpg

filmstrips: $(CORE) $(KERNELS) packs
	$(BIN)/python -m examples.parallax_strips out/strips $(PHOTOS)

clean:
	rm -rf .venv out .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(CORE): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Multiplane needs Python 3.11 or newer: name one with make PYTHON=..." >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || \
	  { echo "No virtual environment could be made: install your system's venv package (Debian: python3-venv)" >&2; exit 1; }
	$(INSTALL) setuptools
	$(INSTALL) --no-build-isolation --editable .
	$(BIN)/python -m compileall -q engine models pipelines api
	@touch $@

# All kernels are compiled to machine code here, so that the first video does not wait for it.
$(KERNELS): $(CORE) $(wildcard engine/*/kernels/*.py engine/*/*/kernels/*.py engine/raster/*.py pipelines/render/warm.py)
	$(BIN)/python -m pipelines.render.warm
	@touch $@

$(DEV): $(CORE)
	$(INSTALL) --no-build-isolation --editable '.[dev]'
# What spandrel asks for includes torchvision, which breaks beside a CPU build of torch; it enlarges without.
	$(INSTALL) --no-deps spandrel einops
	@touch $@
