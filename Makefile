# The doors. `make run` tries Zhaoyan out, `make test` runs everything, `make lint` holds the style, `make bench` measures.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test test-rust test-pages test-e2e lint bench bench-office load move chaos judge read second-reading models pages setup-run setup-test setup-chaos clean-run bench-growth contract deny fuzz

help:            ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

run: setup-run models pages   ## start everything, with drawn candidates and simulated outside systems
	cargo build --release --quiet --bin zhaoyan
	@scripts/run.sh

test: setup-test models test-pages test-rust test-e2e contract   ## everything: Rust, front end, browser, the API against its description
	@echo "all tests passed"

test-rust: setup-test models .cache/garage/.2.5.0   ## the Rust tests, on SQLite and on PostgreSQL, with a folder and with a bucket
	@python3 crates/sandbox/tests/vendor_sdk.py install
	@python3 models/tests/test_convert.py --quiet
	cargo test --workspace --quiet

test-pages: setup-test pages   ## the pages' own tests: logic, and every screen in a browser against a mock
	cd apps/candidate && npm run --silent typecheck && npm test --silent && npm run --silent test:pages
	cd apps/console && npm run --silent typecheck && npm test --silent && npm run --silent test:pages

# The tests' own build of the binary: another set of features would compile everything a second time.
test-e2e: setup-test models pages .cache/e2e-modules   ## journeys in a real browser
	cargo test --workspace --no-run --quiet
	cd e2e && npm test --silent

contract: setup-test models   ## the API against its own description: requests drawn for every operation, as nobody, a candidate and the office
	cargo test --workspace --no-run --quiet
	@python3 scripts/contract.py install
	@python3 scripts/contract.py run

lint: setup-run .cache/pages-modules .cache/console-modules   ## fmt, clippy -D warnings, the front end's checks
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	cd apps/candidate && npm run --silent lint && npm run --silent typecheck
	cd apps/console && npm run --silent lint && npm run --silent typecheck
	@python3 scripts/test_dependencies.py --quiet
	scripts/lint-tree.sh

deny: .cache/deny/.0.20.2   ## dependencies held against deny.toml by cargo-deny: licences, duplicates, sources
	.cache/deny/bin/cargo-deny --locked check licenses bans sources

MINUTES ?= 10
fuzz: .cache/fuzz/.0.13.2   ## every fuzzer for MINUTES (10), two at a time; needs a nightly compiler
	@PATH="$(CURDIR)/.cache/fuzz/bin:$$PATH" scripts/fuzz.py $(MINUTES) $(TARGETS)

bench: models   ## timings, side by side with peers in the same run
	@python3 bench/peers.py install
	cargo build --release --quiet --bin zhaoyan
	cargo bench -p vision
	cargo build --release --quiet -p vision --example photo_rounds
	@.cache/peers/bin/python bench/peers.py compare

bench-office:    ## imports, their memory and searches on half a million registrations, on both databases
	cargo build --release --quiet --bin zhaoyan
	@python3 bench/peers.py install
	@.cache/peers/bin/python -u bench/office.py target/release/zhaoyan

# LOAD="--postgres --rate 60 --minutes 1": see docs/load.md.
load: models     ## how many journeys a minute two cores hold, what twice as many do, and how soon it is over (half an hour)
	cargo build --release --quiet --bin zhaoyan
	@python3 bench/peers.py install
	@.cache/peers/bin/python -u bench/load.py target/release/zhaoyan $(LOAD)

move: models .cache/garage/.2.5.0   ## one machine's deployment moved to PostgreSQL and S3 while candidates go through it
	cargo build --release --quiet --bin zhaoyan
	@python3 bench/peers.py install
	@.cache/peers/bin/python -u bench/move.py target/release/zhaoyan $(MOVE)

# CHAOS="--faults 100 --seed 7": see docs/chaos.md.
chaos: setup-chaos models .cache/garage/.2.5.0   ## 1,000 faults while candidates go on, then everything is held against everything; half an hour
	cargo build --release --quiet --bin zhaoyan
	@python3 bench/peers.py install
	@.cache/peers/bin/python -u bench/chaos.py target/release/zhaoyan $(CHAOS)

bench-growth:    ## what candidates wait for, with 5 thousand and with 5 million registrations, on both databases
	cargo build --release --quiet -p store --features testing --example growth
	@python3 -u bench/growth.py target/release/examples/growth target/growth

second-reading: models   ## 1,000 made photos by all standards, read by Pillow and another detector
	cargo build --release --quiet --bin judge
	@python3 bench/peers.py install
	target/release/judge --photos 1000 --out target/photos
	@.cache/peers/bin/python bench/peers.py read target/photos

judge: models    ## how right the checks are: about 8,000 drawn pictures; writes docs/judge.md and target/judge/index.html
	cargo build --release --quiet --bin judge
	target/release/judge --docs docs

read: models     ## how right cards are read: 2,000 drawn captures, the first 200 through RapidOCR too; writes docs/reading.md
	@python3 bench/peers.py install
	cargo build --release --quiet --bin judge
	target/release/judge --cards 2000 --out target/read
	@.cache/peers/bin/python bench/peers.py cards 2 target/read/peer
	target/release/judge --cards-told --out target/read --docs docs

models:          ## fetch, verify and convert the models (silent when all is there)
	@python3 models/fetch.py

pages: apps/candidate/dist/.built apps/console/dist/.built   ## build the candidate's pages, H5 and the mini-program, and the console's

setup-run:
	@scripts/setup.sh run

setup-test:
	@scripts/setup.sh test

setup-chaos:
	@scripts/setup.sh chaos

clean-run:       ## forget what `make run` has stored
	rm -rf run

# A storage service that speaks S3 and is not ours, for the tests.
.cache/garage/.2.5.0:
	@echo "building Garage, once"
	@CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --locked --debug --root .cache/garage --version 2.5.0 garage
	@touch $@

.cache/deny/.0.20.2:
	@echo "building cargo-deny, once"
	@CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --locked --debug --root .cache/deny --version 0.20.2 cargo-deny
	@touch $@

.cache/fuzz/.0.13.2:
	@echo "building cargo-fuzz, once"
	@CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --locked --debug --root .cache/fuzz --version 0.13.2 cargo-fuzz
	@touch $@

.cache/pages-modules: apps/candidate/package-lock.json
	@mkdir -p .cache
	cd apps/candidate && npm ci --silent --no-audit --no-fund
	@touch $@

.cache/console-modules: apps/console/package-lock.json
	@mkdir -p .cache
	cd apps/console && npm ci --silent --no-audit --no-fund
	@touch $@

.cache/e2e-modules: e2e/package-lock.json
	@mkdir -p .cache
	cd e2e && npm ci --silent --no-audit --no-fund
	@touch $@

PAGE_SOURCES := $(shell find apps/candidate/src apps/candidate/config -type f 2>/dev/null) $(wildcard apps/candidate/*.json apps/candidate/*.ts apps/candidate/*.js)

apps/candidate/dist/.built: .cache/pages-modules $(PAGE_SOURCES)
	cd apps/candidate && npm run --silent build
	@touch $@

CONSOLE_SOURCES := $(shell find apps/console/src -type f 2>/dev/null) $(wildcard apps/console/*.json apps/console/*.ts apps/console/*.js apps/console/index.html)

apps/console/dist/.built: .cache/console-modules $(CONSOLE_SOURCES)
	cd apps/console && npm run --silent build
	@touch $@
