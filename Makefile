# serve · ask · test · check · quality · bench · recovery · torture
#
#   make serve                    install, bring the index up to date, serve
#   make serve CORPUS=folder      the same over articles of your own, with an index of their own
#   make ask Q="What is sciatica?"
#   make test                     all tests
#   make check                    formatting, lint and types
#   make quality                  every goal measured; needs development data
#   make bench                    the same questions to other retrieval systems, side by side
#   make recovery                 kill it, fill its disk, damage its files; takes 20 minutes
#   make torture                  10,000 requests made from its own description, right and wrong

PYTHON ?= python3
VENV ?= .venv
TORCH ?=
CORPUS ?= corpus
Q ?= Can spinal stenosis be cured?

bin := $(VENV)/bin
pip := $(bin)/python -m pip --disable-pip-version-check
# A build of torch that was named once is kept, also by a `make test` after it.
chosen := $(VENV)/torch.txt
ifneq ($(TORCH),)
  ifneq ($(TORCH),$(shell cat $(chosen) 2>/dev/null))
    $(shell rm -f $(VENV)/installed $(VENV)/installed-dev)
  endif
endif
constraint = $(if $(TORCH)$(wildcard $(chosen)),$(chosen),constraints.txt)

# Clients from npm that tests speak with; without npm those tests are skipped.
clients := $(if $(shell command -v npm),tests/clients/node_modules/.installed)

# Articles of another folder get an index of their own.
ifeq ($(CORPUS),corpus)
  index := $(or $(RAG_INDEX),index)
else
  index := $(or $(RAG_INDEX),index/of-$(notdir $(abspath $(CORPUS)))-$(firstword $(shell echo "$(abspath $(CORPUS))" | cksum)))
endif
folders := RAG_CORPUS="$(CORPUS)" RAG_INDEX="$(index)"

.PHONY: serve ask index test check format quality bench recovery torture clean

serve: index
	@$(folders) $(bin)/rag serve

# The question reaches the command as it was typed: neither make nor a shell reads it.
unexport Q
ask: export QUESTION := $(value Q)
ask: index
	@$(folders) $(bin)/rag ask -- "$$QUESTION"

index: $(VENV)/installed
	@$(folders) $(bin)/rag index --wait 600 >&2

test: $(VENV)/installed-dev $(clients)
	$(bin)/python -m pytest

check: $(VENV)/installed-dev
	$(bin)/ruff format --check
	$(bin)/ruff check
	$(bin)/mypy

format: $(VENV)/installed-dev
	$(bin)/ruff format
	$(bin)/ruff check --fix

quality: $(VENV)/installed-dev
	$(bin)/python -m benchmarks.goals

bench: $(VENV)/installed-dev
	$(bin)/python -m benchmarks.compare

recovery: $(VENV)/installed-dev
	$(bin)/python -m benchmarks.recovery

torture: $(VENV)/installed-dev
	$(bin)/python -m benchmarks.torture

# Each stamp is written last, so that an installation that was interrupted goes on next time.
$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing (the first time this takes some minutes) …"
	@$(if $(TORCH),echo "$(TORCH)" > $(chosen))
	$(pip) install --quiet --constraint $(constraint) torch
	$(pip) install --quiet --constraint $(constraint) --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(pip) install --quiet --constraint $(constraint) --editable '.[dev]'
	@touch $@

tests/clients/node_modules/.installed: tests/clients/package.json tests/clients/package-lock.json
	cd tests/clients && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Wellcited needs Python 3.11 or newer; name one with make PYTHON=…"; exit 1; }
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) index/builds index/encoders index/CURRENT index/of-*
