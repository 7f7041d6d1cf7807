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

.PHONY: install fuzz prove-api prove-audio prove-text prove-power-cuts bench-listening bench-endpointing develop run serve test check lint format types imports clean train-ear train-student train-letters bench-accuracy bench-latency bench-load bench-review

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

# As many test processes as processors; files stay whole. PARALLEL=0 runs one after another.
PARALLEL ?= auto
test: develop
	$(BIN)/pytest -n $(PARALLEL) --dist loadfile --cov --cov-report=term:skip-covered

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

# Delay of live listening, and what idle connections cost (figures of docs/listening.md).
bench-listening: develop
	$(BIN)/python -m benchmarks.listening
	$(BIN)/python -m benchmarks.listening --idle 300

# Detectors of speech on recordings of people (needs ../shared/speech).
SPEECH ?= ../shared/speech
bench-endpointing: develop
	$(BIN)/python -m benchmarks.endpointing $(SPEECH)

# Kills writers, and PostgreSQL, at random moments, and cuts the power under SQLite (figures of
# docs/reliability.md; needs Debian's postgresql and strace). A SEED of your own tries others.
ROUNDS ?= 200
SEED ?= 8
prove-power-cuts: develop
	NAMEMEM_POWER_CUT_ROUNDS=$(ROUNDS) NAMEMEM_POWER_CUT_SEED=$(SEED) \
	  NAMEMEM_POWER_CUT_IMAGES=$$((10 * $(ROUNDS))) NAMEMEM_POWER_CUT_STEPS=60 \
	  $(BIN)/pytest -q -s --no-cov tests/store/test_crashes.py tests/store/test_lost_cache.py

# Hostile input (figures of docs/reliability.md): whatever is sent to any documented route; every
# broken recording through the decoder and over HTTP; hostile text in every field of every route.
EXAMPLES ?= 100
prove-api: develop
	NAMEMEM_SCHEMA_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -q -s --no-cov tests/api/test_schema.py

prove-audio: develop
	cd tests && ../$(BIN)/python -m plugins.decoding_broken_audio
	NAMEMEM_PROVE=1 $(BIN)/pytest -q --no-cov tests/audio/test_broken_files.py

prove-text: develop
	NAMEMEM_PROVE=1 $(BIN)/pytest -q --no-cov --timeout 3600 tests/api/test_hostile_text.py

# Coverage-guided fuzzing of what reads untrusted bytes, SECONDS each (Linux on x86-64). Finds are
# kept in build/fuzz and gone on from.
SECONDS ?= 300
fuzz: develop
	mkdir -p build/fuzz
	for target in decoder ipa respelling notations; do \
	  (cd build/fuzz && PYTHONPATH=../../tests ../../$(BIN)/python -m fuzz $$target \
	    --seconds $(SECONDS) --corpus $$target) || exit 1; done

# How fast reading is while every worker hears (docs/reliability.md).
bench-load: develop
	$(BIN)/python -m benchmarks.load

bench-review: develop
	$(BIN)/python -m benchmarks.review

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .coverage
