# Needs python3 >= 3.11, make and the ordinary package clients; the rest is set up here, in .venv.
PYTHON ?= python3
PIP = -m pip --quiet --quiet --disable-pip-version-check
VENV = $(patsubst %/bin/python,%,$@)
# A stamp carries the hash of what it stands for: a changed pin sets up anew, a fresh checkout's dates do not.
RUN_READY := .venv/run-$(shell cat requirements.txt Makefile | cksum | tr ' ' -)
DEV_READY := .venv/dev-$(shell cat requirements.txt requirements-dev.txt Makefile | cksum | tr ' ' -)
# Other people's clients of the exchanges, for tests: their pins are not ours, so they live apart.
ORACLES_READY := .venv-oracles/ready-$(shell cat requirements-oracles.txt Makefile | cksum | tr ' ' -)
LOCKER = uv==0.13.9
LOCKER_READY := .venv-lock/ready-$(shell cat Makefile | cksum | tr ' ' -)

.PHONY: run test trials bench messages lint lock

# tether.py: what is started here ends with this make, even if that is killed.
run: $(RUN_READY)
	@exec .venv/bin/python smartrader/tether.py .venv/bin/python -m smartrader.run

# Three for two processors: somebody always waits. The longest first, as tests/conftest.py puts them.
TOGETHER := .venv/bin/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder
test: $(DEV_READY) $(ORACLES_READY) lint
	@$(TOGETHER) -m "not trials"

# Many of the long ones wait for most of the time, all of the chaos does; then, one by one, those that measure. With their figures.
ALONE := tests/road/test_engine.py tests/trials/test_ten_thousand.py tests/trials/test_enumeration_timing.py
trials: $(DEV_READY)
	@$(TOGETHER) -m trials -rP -o faulthandler_timeout=600 $(ALONE:%=--ignore %)
	@.venv/bin/python -m pytest -m "trials or measures" --capture no -o faulthandler_timeout=600 $(ALONE)

bench: $(DEV_READY)
	@.venv/bin/python -m bench.road

lint: $(DEV_READY)
	@.venv/bin/ruff check

# Collect the texts into the catalogues (needs GNU gettext) and compile them.
messages: $(DEV_READY)
	.venv/bin/python manage.py makemessages --locale es --no-wrap --no-location --ignore '.venv*' --ignore var --ignore tests
	.venv/bin/python -m smartrader.messages

# What production installs, with the hashes of every file of every package for every machine: after each change of requirements.txt.
lock: $(LOCKER_READY)
	@.venv-lock/bin/uv --quiet pip compile requirements.txt --output-file requirements.lock --upgrade --universal --python-version 3.11 \
	  --generate-hashes --custom-compile-command "make lock" >/dev/null

.venv/bin/python .venv-oracles/bin/python .venv-lock/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Smartrader needs Python 3.11 or newer.")'
	@echo "Setting up $(VENV) …"
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
	  || { rm -rf $(VENV) && $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --quiet --python $@ install pip; } \
	  || { rm -rf $(VENV); echo "Python's venv does not work here. On Debian: apt-get install python3-venv" >&2; exit 1; }

$(RUN_READY): | .venv/bin/python
	@.venv/bin/python $(PIP) install -r requirements.txt
	@rm -f .venv/run-* && touch $@

$(DEV_READY): | .venv/bin/python
	@.venv/bin/python $(PIP) install -r requirements-dev.txt
	@rm -f .venv/dev-* && touch $@

$(ORACLES_READY): | .venv-oracles/bin/python
	@.venv-oracles/bin/python $(PIP) install -r requirements-oracles.txt
	@rm -f .venv-oracles/ready-* && touch $@

$(LOCKER_READY): | .venv-lock/bin/python
	@.venv-lock/bin/python $(PIP) install $(LOCKER)
	@rm -f .venv-lock/ready-* && touch $@
