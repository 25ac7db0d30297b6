.DEFAULT_GOAL := help
.PHONY: help setup demo docs sandbox test lint build frozen bench

help:   ## show this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10
setup: .venv/ready  ## create .venv with everything that development needs
sandbox: setup  ## start AWS with a small Panther on loopback, to try any tool on
	.venv/bin/python -m scripts.sandbox
demo: setup  ## a tour: every tool does its real work on a sandbox, every result is checked
	.venv/bin/python -m scripts.demo
docs: setup  ## write the generated parts of README and manuals
	.venv/bin/python scripts/docs
test: setup  ## run every test
	.venv/bin/python -m pytest -n 2
lint: setup  ## check style and types
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy
build: setup  ## make executables and their zips in out/dist, checked: make build [TOOL=s3queue]
	.venv/bin/python scripts/build $(TOOL)
frozen: setup  ## run the tests of an executable; builds it when it is not there
	.venv/bin/python -m pytest -m frozen tests/build
bench: setup  ## measure the claims about speed and memory: make bench [CLAIM=s3queue] [SCALE=0.01]
	.venv/bin/python -m benchmarks.run $(CLAIM) -scale $(or $(SCALE),1)
.venv/ready: pyproject.toml $(wildcard requirements/*.txt) scripts/setup
	sh scripts/setup
