.PHONY: demo test lint constraints

demo:
	python3 start.py demo

test:
	python3 start.py test

lint: # after `make test`
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

constraints: # after `make test`: the newest versions that fit together
	.venv/bin/uv pip compile --upgrade --universal --python-version 3.11 --all-extras --no-annotate --no-header pyproject.toml -o constraints.txt
