# Saldo: `make run` and `make test` are all a newcomer needs; `make help` lists the rest.
PORT ?= 8080
STATE ?= demo-state
CORPUS ?= ../shared/corpus
FUZZ_SECONDS ?= 20
NODE = PATH="$$($(CURDIR)/tools/node-path):$$PATH"
WEB_SOURCES = $(wildcard $(shell git ls-files -co --exclude-standard web))

.DEFAULT_GOAL := help
.PHONY: help run build test asan tsan fuzz bench bench-mailauth bench-invoice lint conformance clean setup-build setup-test setup-lint programs everything

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: build ## install what is missing, build, run the demo at http://127.0.0.1:$(PORT)
	@build/saldo demo --port $(PORT) --state $(STATE)

build: setup-build programs web/dist/index.html ## build/saldo, build/saldo-sandbox and the web app

setup-build:
	@tools/setup build
setup-test:
	@tools/setup build test
setup-lint:
	@tools/setup build lint

build/build.ninja:
	@meson setup build -Dbuildtype=release $(if $(CI),-Dwerror=true)

programs: build/build.ninja
	@ninja -C build saldo saldo-jail saldo-vault saldo-sandbox

everything: build/build.ninja
	@ninja -C build

web/dist/index.html: docs/openapi.yaml $(WEB_SOURCES)
	@cd web && $(NODE) npm run --silent build

test: setup-test everything web/dist/index.html ## the same set-up, then every test
	@$(NODE) python3 tests/run.py build

asan: setup-lint ## every C test under AddressSanitizer and UndefinedBehaviorSanitizer
	@test -d build-asan || meson setup build-asan -Dbuildtype=debugoptimized -Db_sanitize=address,undefined
	@ninja -C build-asan
	@meson test -C build-asan --no-rebuild --print-errorlogs --timeout-multiplier 5

# GLib's own locks are futexes that ThreadSanitizer cannot see: the rooms whose threads meet use pthread locks and are run here.
tsan: setup-lint ## the rooms with threads of their own under ThreadSanitizer
	@test -d build-tsan || meson setup build-tsan -Dbuildtype=debugoptimized -Db_sanitize=thread
	@ninja -C build-tsan
	@meson test -C build-tsan --no-rebuild --print-errorlogs --timeout-multiplier 10 --suite store --suite jail --suite vault --suite mailauth

fuzz: setup-lint ## each fuzzer for FUZZ_SECONDS
	@test -d build-fuzz || CC=clang meson setup build-fuzz -Dfuzz=true -Dbuildtype=debugoptimized -Db_sanitize=address,undefined
	@ninja -C build-fuzz
	@python3 tests/fuzz.py build-fuzz $(FUZZ_SECONDS)

bench: setup-test everything ## hot paths, as ratios to the hardware measured in the same run
	@python3 bench/run.py build

bench-mailauth: setup-test build/build.ninja ## libmailauth beside its peers and the hardware floor
	@test -x build/bench/mailauth-bench || meson setup --reconfigure build
	@ninja -C build bench/mailauth-bench
	@build/bench/mailauth-bench

# Each row stands alone: all are measured, then the target fails where one was below its bar.
bench-invoice: setup-test everything ## XML, MIME, PDF and the jail beside their peers; corpus files too where CORPUS is there
	@status=0; \
	for bench in "xml-bench $(wildcard $(CORPUS))" mime-bench "pdf-bench $(wildcard $(CORPUS))" jail-bench; do \
	    SALDO_PROGRAMS=build build/bench/$$bench || status=1; \
	done; \
	/usr/bin/python3 bench/xml_lxml.py build || status=1; \
	exit $$status

lint: setup-lint everything web/dist/index.html ## warnings of two compilers as errors, cppcheck, promises, sizes, web checks
	@$(NODE) tools/lint build

conformance: everything ## suites in CORPUS, one line each: NAME: passed/total
	@python3 tests/conformance.py build "$(CORPUS)"

clean: ## remove everything that was built
	@rm -rf build build-asan build-tsan build-fuzz build-lint-gcc build-lint-clang web/dist
