# One command each: `make run`, `make test`, `make check`. All work on a fresh machine with
# Python 3.11 to 3.13; everything lands in .venv/.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
TOOLS := .venv/.tools
TORCH := $(shell sed -n 's/^torch==/torch==/p' constraints.txt)
# The CPU build; PyPI's own torch brings several GB of CUDA on Linux.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
EXAMPLE := api_examples/recordings/andrea_2.wav

.PHONY: install develop run serve test check lint format types imports clean train-ear train-student train-letters bench-accuracy bench-latency bench-review

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
	  { echo "namemem needs Python 3.11 to 3.13; set PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "On Debian: apt-get install -y python3-venv"; exit 1; }
	@index=$$($(PYTHON) -c "import urllib.request as u; \
	    u.urlopen('$(TORCH_INDEX)/', timeout=4); print('--extra-index-url $(TORCH_INDEX)')" \
	    2>/dev/null || true); \
	  $(BIN)/pip install --quiet --disable-pip-version-check $$index -c constraints.txt $(TORCH)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[whisper]'
	@touch $(STAMP)

# What tests, checks and benchmarks need on top.
develop: $(TOOLS)

$(TOOLS): $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[whisper,dev,bench]'
	@touch $(TOOLS)

run: install
	$(BIN)/namemem hear $(EXAMPLE) --spelling Andrea --target azure
	@echo
	@echo "Serving on http://127.0.0.1:8000 (API: /docs). Stop with Ctrl-C."
	$(BIN)/namemem serve

serve: install
	$(BIN)/namemem serve

test: develop
	$(BIN)/pytest --cov --cov-report=term:skip-covered

check: lint types imports test

lint: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: develop
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: develop
	$(BIN)/mypy

imports: develop
	$(BIN)/lint-imports

# Trains the phone head anew (hours of synthesis and training; needs flite, espeak-ng, festival and
# Whisper's encoder). WORK is where corpus, features and runs are kept.
WORK ?= build/ear
ENCODER ?= tiny.en
train-ear: develop
	$(BIN)/pip install --quiet --disable-pip-version-check -r training/requirements.txt
	$(BIN)/python -m training.run --work $(WORK) --encoder $(ENCODER)

# Trains the compact ear, the head's student, on the same folder (hours on two cores; goes on where
# it broke off).
train-student: develop
	$(BIN)/pip install --quiet --disable-pip-version-check -r training/requirements.txt
	$(BIN)/python -m training.run_student --work $(WORK) --encoder $(ENCODER)

# Trains the letter model (spelling to phones; 20 minutes on one core).
train-letters: develop
	$(BIN)/pip install --quiet --disable-pip-version-check -r training/requirements.txt
	$(BIN)/python -m training.letter_model

# The figures of docs/accuracy/ (needs flite, espeak-ng and Whisper's encoder).
bench-accuracy: develop
	$(BIN)/python -m benchmarks.accuracy --encoder $(ENCODER) --split test --out docs/accuracy

bench-latency: develop
	$(BIN)/python -m benchmarks.latency --encoder $(ENCODER)

bench-review: develop
	$(BIN)/python -m benchmarks.review

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .coverage
