# The short way into the build; CMake does the work (CMakePresets.json).

PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
TESTS = tools/run-tests
QUICK = -j $(JOBS) --timeout 600
LONG = -j $(JOBS) --timeout 14400

help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' \
	    Makefile

deps: ## Fetch what the build needs (apt when root, npm)
	@deps/install

build: build-release ## Build build/tarn and build/libtarn.{so,a}

# build-release, build-asan, ...: one preset, in build/ or build-PRESET/.
build-%: deps
	@dir=$(patsubst build-release,build,$@); \
	    test -f $$dir/build.ninja || cmake --preset $* -Wno-dev >/dev/null
	@cmake --build --preset $* -j $(JOBS)

demo: build ## A tour on real data, in a lake that stays
	@deps/install demo
	@TARN_BIN=$(CURDIR)/build/tarn examples/demo.sh

test: build build-asan ## All that is quick, memory-checked where it is ours
	@deps/install demo
	@$(TESTS) build-asan $(QUICK) -L 'unit|fault|fuzz'
	@$(TESTS) build $(QUICK) -LE '^(unit|fault|fuzz)$$'

test-long: build build-asan ## Every point of every sweep, fuzzing (4 hours)
	@deps/install long
	@$(MAKE) --no-print-directory build-fuzz
	@TARN_LONG=1 $(TESTS) build-asan $(LONG) -LE 'wall|interop'
	@tools/fuzz-all build-fuzz 600 $(JOBS)
	@TARN_LONG=1 $(TESTS) build $(LONG)

bench: build ## Benchmarks, 20 minutes
	@deps/install demo
	@TARN_BIN=$(CURDIR)/build/tarn bench/run

bench-large: build ## Benchmarks that need 60 GiB of disk
	@deps/install demo
	@TARN_BIN=$(CURDIR)/build/tarn bench/run --large

install: build ## Install beneath PREFIX (/usr/local)
	@cmake --install build --prefix "$(PREFIX)"

format: ## Give all C its form (needs clang-format)
	@git ls-files -z '*.c' '*.h' | xargs -0 clang-format -i

clean: ## Remove what was built; deps/ keeps what it fetched
	rm -rf build build-*/

.PHONY: help deps build demo test test-long bench bench-large install format \
	clean
