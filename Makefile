# Two commands do everything: `make up` (a demonstration on this machine) and `make test` (all that CI runs).
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN = $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: up test install install-test system system-test lint types contracts pytest clean

up: install
	@$(BIN)/lianfang up

test: install-test lint types contracts pytest

# What the running house needs; the faces of the bulletins come by `lianfang fonts install`.
UP_PACKAGES = python3-venv
# What only the tests need: a browser (libatomic1 is for its driver), an MQTT broker, an office suite that reads our Word files back.
TEST_PACKAGES = $(UP_PACKAGES) fonts-noto-cjk chromium libatomic1 mosquitto libreoffice-writer-nogui poppler-utils

system:
	@sh tools/system-packages $(UP_PACKAGES)

system-test:
	@sh tools/system-packages $(TEST_PACKAGES)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.base: system $(BIN)/python requirements/base.txt pyproject.toml
	@cmp -s requirements/base.txt $(VENV)/.base || $(BIN)/pip install -q --require-hashes -r requirements/base.txt
	@test -x $(BIN)/lianfang || $(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@cmp -s requirements/base.txt $(VENV)/.base || cp requirements/base.txt $(VENV)/.base

install: $(VENV)/.base
	@sh tools/compile-messages $(BIN)/pybabel
	@$(BIN)/lianfang fonts install

install-test: system-test $(VENV)/.base
	@cmp -s requirements/test.txt $(VENV)/.test || { $(BIN)/pip install -q --require-hashes -r requirements/test.txt && cp requirements/test.txt $(VENV)/.test; }
	@sh tools/compile-messages $(BIN)/pybabel
	@$(BIN)/lianfang fonts install

lint:
	$(BIN)/ruff format --check lianfang tests
	$(BIN)/ruff check lianfang tests

types:
	$(BIN)/mypy lianfang

contracts:
	$(BIN)/lint-imports --no-cache
	$(BIN)/lianfang pack check packs/shangjie

# The browser tests run by themselves: their driver keeps an event loop in its thread, in which Django will not work,
# and the houses they start write into the same server, which tests of the horizon would wait for.
# Tests with real browsers, brokers and kills may trip over a busy machine: what failed is tried once more, by itself.
AGAIN = --last-failed --last-failed-no-failures none
pytest:
	$(BIN)/pytest -n 2 --dist loadfile -m "not browser" $(PYTEST) || $(BIN)/pytest -m "not browser" $(PYTEST) $(AGAIN)
	$(BIN)/pytest -m browser tests/field || $(BIN)/pytest -m browser tests/field $(AGAIN)
	$(BIN)/pytest -m browser tests/web || $(BIN)/pytest -m browser tests/web $(AGAIN)
	$(BIN)/pytest -m browser tests/bulletins || $(BIN)/pytest -m browser tests/bulletins $(AGAIN)

clean:
	rm -rf var .mypy_cache .ruff_cache .hypothesis
