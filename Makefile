.DEFAULT_GOAL := help
.PHONY: help setup sandbox test lint

help:   ## show this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10
setup: .venv/ready  ## create .venv with everything that development needs
sandbox: setup  ## start AWS with a small Panther on loopback, to try any tool on
	.venv/bin/python -m scripts.sandbox
test: setup  ## run every test
	.venv/bin/python -m pytest
lint: setup  ## check style and types
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy
.venv/ready: pyproject.toml $(wildcard requirements/*.txt) scripts/setup
	sh scripts/setup
