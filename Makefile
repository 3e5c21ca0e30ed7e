# varsdb - GNU make.  "make help" lists the targets; everything is built under $(BUILD).
#
# Variables to set:  CC CFLAGS LDFLAGS PREFIX LIBDIR EXTDIR MANDIR BASHDIR ZSHDIR FISHDIR DESTDIR BUILD
#                    CPPFLAGS=-DVARSDB_OMIT_REGEX to do without PCRE2, -DVARSDB_OMIT_ZLIB
#                    without zlib; -DVARSDB_OMIT_SAFETENSORS, _NUMPY, _TENSORFLOW, _PYTORCH, _GGUF without that format
#                    LIBEDIT=0 for a shell whose lines are not edited
#                    SANITIZE=address,undefined  COVERAGE=1  FUZZ_SECONDS=60  FUZZ_RUNS=500000  SOAK_SECONDS=300
#                    VARSDB_TEST_ONLY=<suite>  VARSDB_TEST_JOBS=2
#                    V=1 to see the commands

BUILD        ?= build
PREFIX       ?= /usr/local
LIBDIR       ?= $(PREFIX)/lib
EXTDIR       ?= $(LIBDIR)/sqlite3
MANDIR       ?= $(PREFIX)/share/man
BASHDIR      ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR       ?= $(PREFIX)/share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
FISHDIR      ?= $(PREFIX)/share/fish/vendor_completions.d
CFLAGS       ?= -O2 -g
SANITIZE     ?=
FUZZ_SECONDS ?= 60
AWK          ?= awk
PKG_CONFIG   ?= pkg-config

VERSION   := $(shell sed -n 's/^.define VARSDB_VERSION  *"\(.*\)"/\1/p' src/varsdb.h)
SOVERSION := 0

# ---- What there is ---------------------------------------------------------

LIB_SRC     := $(sort $(wildcard src/*.c src/format/*.c src/sql/*.c))
LIB_HDR     := $(filter-out src/varsdb.h,$(sort $(wildcard src/*.h src/format/*.h src/sql/*.h))) $(BUILD)/gen/queries.h
CLI_SRC     := $(sort $(wildcard cli/*.c))
SUITE_SRC   := $(sort $(wildcard tests/unit/test_*.c tests/process/test_*.c))
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
ACTOR_SRC   := $(sort $(wildcard tests/process/actor_*.c))
POWER_SRC   := $(sort $(wildcard tests/power/*.c))
FUZZ_SRC    := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_LIB    := $(filter $(patsubst %.h,%.c,$(wildcard tests/fuzz/*.h)),$(wildcard tests/fuzz/*.c))
EXAMPLE_SRC := $(sort $(wildcard examples/*.c))
TRACKER_SRC := $(sort $(wildcard examples/tracker/*.c))
STORE_SRC   := $(sort $(wildcard bench/store*.c))
BENCH_LIB   := $(filter-out $(STORE_SRC),$(filter $(patsubst %.h,%.c,$(wildcard bench/*.h)),$(wildcard bench/*.c)))
BENCH_SRC   := $(sort $(filter-out $(BENCH_LIB) $(STORE_SRC),$(wildcard bench/*.c)))
HEADERS     := src/varsdb.h src/varsdb_sql.h
MAN         := $(sort $(wildcard docs/man/*.[1-8]))
QUERIES     := schema/queries/parts.sql $(filter-out %/parts.sql,$(sort $(wildcard schema/queries/*.sql)))
MIGRATIONS  := $(sort $(wildcard migrations/[0-9]*.sql))
REPORT_SRC  := cli/report/report.html cli/report/report.css $(sort $(wildcard cli/report/*.js))
GEN_SRC     := $(addprefix $(BUILD)/gen/,queries.c schema.c migrations.c)

objects      = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
man-path     = $(MANDIR)/man$(subst .,,$(suffix $(1)))/$(notdir $(1))
programs     = $(patsubst %.c,$(BUILD)/$(1)/%,$(notdir $(2)))
LIB_OBJ     := $(call objects,$(LIB_SRC)) $(patsubst $(BUILD)/gen/%.c,$(BUILD)/obj/gen/%.o,$(GEN_SRC))
LOADED_OBJ  := $(LIB_OBJ:$(BUILD)/obj/src/%=$(BUILD)/obj/loaded/src/%)
COMPLETIONS := $(addprefix cli/completion/,varsdb.bash _varsdb varsdb.fish)
CLI_OBJ     := $(call objects,$(CLI_SRC)) $(addprefix $(BUILD)/obj/gen/,report_page.o completions.o)
SUPPORT_OBJ := $(call objects,$(SUPPORT_SRC))
RUNNER_OBJ  := $(call objects,tests/main.c $(SUITE_SRC)) $(SUPPORT_OBJ)
ACTORS      := $(call programs,tests,$(ACTOR_SRC))
REPLAYS     := $(call programs,replay,$(FUZZ_SRC))
FUZZERS     := $(call programs,fuzz,$(FUZZ_SRC))
EXAMPLES    := $(call programs,examples,$(EXAMPLE_SRC))
TRACKER     := $(BUILD)/examples/tracker
BENCHES     := $(call programs,bench,$(BENCH_SRC))

STATIC  := $(BUILD)/libvarsdb.a
SONAME  := libvarsdb.so.$(SOVERSION)
SHARED  := $(BUILD)/libvarsdb.so
REAL    := $(BUILD)/libvarsdb.so.$(VERSION)
LOADED  := $(BUILD)/varsdb$(SOVERSION).so
DIST    := $(BUILD)/varsdb-$(VERSION).tar.gz
CLI     := $(BUILD)/varsdb
PC      := $(BUILD)/varsdb.pc
RUNNER  := $(BUILD)/tests/runner
SUPPORT := $(BUILD)/tests/libsupport.a
ONEFILE := $(BUILD)/amalgamation/varsdb

# Calls of the system that a disk in memory answers instead (tests/power/calls.h).
POWER_WRAPS := open __open_2 close access stat lstat fstat statfs statvfs fcntl link rename renameat2 unlink pread pwrite \
    write lseek fallocate sync_file_range clock_gettime nanosleep getrandom

# ---- How it is compiled ----------------------------------------------------

# All that dqlite's build has but -Wfloat-equal: where numbers are compared here, exact equality is meant.
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Wstrict-prototypes -Wold-style-definition \
            -Wundef -Wcast-align -Wvla -Wmissing-prototypes -Wimplicit-fallthrough -Wmissing-include-dirs -Winit-self \
            -Wpointer-arith -Wnested-externs -Wdate-time -Werror
# clang has none of these.
WARNINGS += $(shell w='-Wlogical-op -Wduplicated-cond -Wjump-misses-init -Wsuggest-attribute=noreturn'; \
              $(CC) $$w -Werror -fsyntax-only -x c /dev/null 2>/dev/null && echo $$w)

ifneq ($(SANITIZE),)
HARDEN   := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
LDHARDEN := -fsanitize=$(SANITIZE)
LEAKS    ?= 1 # whether each test's end looks for them under a sanitizer
RUN_ENV  := ASAN_OPTIONS=allocator_may_return_null=1:detect_stack_use_after_return=1:detect_leaks=$(strip $(LEAKS)) TSAN_OPTIONS=halt_on_error=1:die_after_fork=0:report_thread_leaks=0 UBSAN_OPTIONS=print_stacktrace=1
else
HARDEN   := -fstack-protector-strong $(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
LDHARDEN := -Wl,-z,relro,-z,now -Wl,--no-undefined
endif

# Branches of the library are counted, and nobody else's.  An assertion is a theorem: the branch that it would fail by
# is none.
ifneq ($(COVERAGE),)
COUNTED  := --coverage -DNDEBUG
LDHARDEN += --coverage -Wl,-u,__gcov_dump # which children of the tests call
endif

# pkg-config knows better where the libraries are; Debian's default places do without it.
pkg       = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
PCRE2    := $(if $(filter -DVARSDB_OMIT_REGEX,$(CPPFLAGS)),,libpcre2-8)
ZLIB     := $(if $(filter -DVARSDB_OMIT_ZLIB,$(CPPFLAGS)),,zlib)
MORE     := $(PCRE2:lib%=-l%) $(ZLIB:zlib=-lz)
LIBS     := $(or $(call pkg,--libs sqlite3 libxxhash $(PCRE2) $(ZLIB)),-lsqlite3 -lxxhash $(MORE)) -lm -lpthread
# The extension has the SQLite of who loads it.
LOADED_LIBS := $(or $(call pkg,--libs libxxhash $(PCRE2) $(ZLIB)),-lxxhash $(MORE)) -lm -lpthread
INCLUDES := -Isrc -I$(BUILD)/gen $(call pkg,--cflags sqlite3 libxxhash $(PCRE2) $(ZLIB))
# What tests/support/fault_calls.c stands in front of.
FAULT_CALLS := open __open_2 openat pread write pwrite fsync close rename link vdb_malloc vdb_calloc vdb_realloc vdb_strndup vdb_strdup
CK_LIBS   = $(or $(call pkg,--libs check),-lcheck -lsubunit -lrt) -lm -lpthread

# The shell's lines are edited where libedit is there; LIBEDIT=0 does without it.
LIBEDIT    ?= $(if $(call pkg,--modversion libedit),1,0)
EDIT_FLAGS := $(if $(filter-out 0,$(LIBEDIT)),-DCLI_LIBEDIT $(patsubst -I%,-isystem %,$(call pkg,--cflags libedit)))
EDIT_LIBS  := $(if $(filter-out 0,$(LIBEDIT)),$(or $(call pkg,--libs libedit),-ledit))

# Stores that bench_peers compares with, those of them that are installed; asked for when it is built, and by nothing else.
peers      = $(foreach peer,lmdb rocksdb hdf5,$(if $(call pkg,--modversion $(peer)),$(peer)))
PEER_FLAGS = $(foreach peer,$(peers),-DPEER_$(peer)='"$(call pkg,--modversion $(peer))"') $(patsubst -I%,-isystem %,$(call pkg,--cflags $(peers)))
PEER_LIBS  = $(if $(peers),$(call pkg,--libs $(peers)))

# Some builds of libxxhash choose among instruction sets when they run; the same hashes, faster.
XXH_DISPATCH := $(shell printf '\043include <xxhash.h>\n\043include <xxh_x86dispatch.h>\n int main(void) { return (int)XXH3_64bits("", 0); }' | \
    $(CC) -x c - -lxxhash -o /dev/null 2>/dev/null && echo -DVDB_XXH_DISPATCH)

# The same bytes in whatever directory they are built.
NO_PLACE := -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(abspath $(BUILD))=build

# No contracted multiply-add: the same seed gives the same bytes on every machine.
LANGUAGE := -std=c11 -D_GNU_SOURCE -ffp-contract=off
COMPILE   = $(CC) $(LANGUAGE) $(XXH_DISPATCH) $(INCLUDES) $(CPPFLAGS) $(WARNINGS) $(NO_PLACE) $(HARDEN) -fPIC -fvisibility=hidden $(CFLAGS) -MMD -MP
LINK      = $(CC) $(CFLAGS) $(LDHARDEN) $(LDFLAGS)
TEST_DEFS = -DVARSDB_ACTORS='"$(abspath $(BUILD)/tests)"' -DVARSDB_SOURCE_DIR='"$(CURDIR)"'

# ---- Targets for people ----------------------------------------------------

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
$(if $(V),,.SILENT:)
MAKEFLAGS += --no-print-directory
.PHONY: all built lib shared extension cli amalgamation bench dist docs demo lint abi frozen install uninstall clean help FORCE \
        check check-all check-long check-faulty check-unit check-built check-cli check-migrations check-sanitize check-clang \
        check-power check-flips check-schedules check-kills check-model check-soak check-faults check-plants \
        check-hygiene check-tidy check-threads check-valgrind check-coverage coverage-counted check-golden check-interop check-instructions \
        check-fuzz fuzz fuzz-run fuzz-counted fuzz-replay

all: lib shared extension cli $(PC) ## build the libraries, the extension and the command (default)
lib: $(STATIC)            ## build the static library
shared: $(SHARED)         ## build the shared library
extension: $(LOADED)      ## build the extension that SQLite loads
cli: $(CLI)               ## build the command
amalgamation: $(ONEFILE).c $(ONEFILE).h ## make the library as one file, build/amalgamation/varsdb.c

run-unit = echo "== unit and process tests ($(CC)$(if $(SANITIZE), -fsanitize=$(SANITIZE)))" && $(RUN_ENV) $(RUNNER)
run-cli = echo "== tests of the command and of the extension" && VARSDB="$(abspath $(CLI))" EXTENSION="$(abspath $(LOADED))" sh tests/cli/run.sh
run-replay = echo "== fuzz corpora ($(words $(REPLAYS)) targets)"; set -e; for program in $(REPLAYS); do \
    name=$${program\#\#*/fuzz_}; $(RUN_ENV) "$$program" tests/fuzz/corpus/"$$name"; done

# What takes minutes: faults, races, kills, schedules, damage.
LONG_SUITES := changed_files duel exchange_fault export_fault extension_fault fault file_fault flips frozen giant killed killed_upkeep \
    migrate_fault mixed model power race save_schedule schedule soak sql_fault sweepers value_flips verify_flips

check: check-migrations $(RUNNER) $(ACTORS) $(CLI) $(LOADED) $(SHARED) $(EXAMPLES) $(TRACKER) $(REPLAYS) ## run the tests for before a commit, in three minutes: all but check-faulty
	export VARSDB_TEST_WITHOUT="$(LONG_SUITES)"; $(run-unit)
	$(run-cli)
	$(run-replay)

check-faulty: $(RUNNER) $(ACTORS) $(CLI) ## run the suites of faults, races, kills and damage, which are not in check
	VARSDB_TEST_ONLY="$(LONG_SUITES)"; export VARSDB_TEST_ONLY; $(run-unit)

check-all: ## run everything that CI runs, in an hour
	.ci/run

# Where CI takes a fraction, the whole; and more of what is drawn at random.
check-long: ## run for days what CI runs for minutes: before a release
	$(MAKE) check-all
	$(MAKE) check-faulty
	$(MAKE) check-faults
	$(MAKE) check-sanitize WHOLE=1
	$(MAKE) check-plants
	$(MAKE) check-tidy
	$(MAKE) BUILD=$(BUILD)/clang CC=clang check-unit
	$(MAKE) check-power
	$(MAKE) check-flips
	$(MAKE) check-model MODEL_SEQUENCES=100000
	$(MAKE) check-kills KILLS=10000
	$(MAKE) check-soak SOAK_SECONDS=28800
	$(MAKE) check-fuzz FUZZ_DATABASE_RUNS=2000000 FUZZ_SMALL_RUNS=50000000
	$(MAKE) fuzz FUZZ_SECONDS=7200

check-unit: $(RUNNER) $(ACTORS) $(CLI) ## run the unit and process tests (VARSDB_TEST_ONLY=<suite> for one)
	$(run-unit)

check-built: $(RUNNER) $(ACTORS) $(CLI) $(REPLAYS)
	$(run-unit)
	$(run-replay)

built: $(RUNNER) $(ACTORS) $(EXAMPLES) $(TRACKER) $(REPLAYS) $(BENCHES)

check-cli: $(CLI) $(LOADED) $(SHARED) $(EXAMPLES) $(TRACKER) ## run the tests of the command and of the extension
	$(run-cli)

check-migrations: ## released migrations, and the registries they left, are as they were released
	if grep -q '^[0-9a-f]' migrations/LOCK 2>/dev/null; then sha256sum --quiet -c migrations/LOCK; fi
	sed -n 's|^[0-9a-f]* [ *]migrations/0*\([0-9]*\)-.*|\1|p' migrations/LOCK 2>/dev/null | while read -r n; do \
	    grep -q "tests/frozen/schema-$$n.db.gz$$" migrations/LOCK || { echo "schema $$n is released without its frozen registry" >&2; exit 1; }; done

# These have nothing to do with memory, or do many times what others do too.
UNSANITIZED := changed_files flips frozen giant killed killed_upkeep migrate_fault model power save_schedule soak value_flips verify_flips
# The fixtures count what a test has left, and valgrind looks as well: to search each test's process for leaks, too, is
# half of the time.
sanitized = SANITIZE=address,undefined CFLAGS="-O1 -g" LEAKS=$(or $(WHOLE),0)
# Thousands of cases that take the same ways.
BULKY := collision conformance initializer_orthogonal sql_string verify_forged verify_loose
check-sanitize: ## build all with clang, and run the tests under address and undefined (WHOLE=1: more of them, and with gcc, too)
	test -e /proc/self || { echo "the sanitizers need /proc: mount -t proc proc /proc" >&2; exit 1; }
	$(if $(WHOLE),VARSDB_TEST_WITHOUT="$(UNSANITIZED)" $(MAKE) BUILD=$(BUILD)/asan CC=gcc $(sanitized) check-built)
	VARSDB_TEST_WITHOUT="$(UNSANITIZED)$(if $(WHOLE),, $(BULKY))" \
	    $(MAKE) BUILD=$(BUILD)/asan-clang CC=clang $(sanitized) built check-built

# The suites whose processes have several threads, which share handles of the engine, the allocator and the helper.  Without
# addresses at random, which the sanitizer of clang 14 has no room for on some kernels.
THREADED := race global_step host_waits engine_sqlite_helper engine_sqlite_turnstile fork
check-threads: ## what threads share, under the thread sanitizer
	VARSDB_TEST_ONLY="$(THREADED)" $$(setarch "$$(uname -m)" -R echo setarch "$$(uname -m)" -R) \
	    $(MAKE) BUILD=$(BUILD)/tsan CC=clang SANITIZE=thread CFLAGS="-O1 -g" check-unit

# One in POWER_ONE_IN of the images that there are, and not fewer than POWER_FLOOR; VARSDB_TEST_SEED repeats a run.
POWER_ONE_IN ?= 1
POWER_FLOOR  ?= 1100000
check-power: $(BUILD)/tests/actor_power ## lose power at every moment of every workload, in every way
	"$(BUILD)/tests/actor_power" $(POWER_ONE_IN) $(POWER_FLOOR) $(or $(VARSDB_TEST_JOBS),$(shell nproc))

# One in FLIPS_ONE_IN places of a small registry's file.
FLIPS_ONE_IN ?= 1
check-flips: $(RUNNER) ## damage every bit, byte, length and page of a registry: nothing wrong comes out as right
	VARSDB_TEST_ONLY=flips VARSDB_TEST_ONE_IN=$(FLIPS_ONE_IN) "$(RUNNER)"

check-schedules: $(RUNNER) ## every order of the statements of two and of three who get or create the same name
	VARSDB_TEST_ONLY=schedule VARSDB_TEST_WHOLE=1 "$(RUNNER)"

KILLS ?= 1000
check-kills: $(RUNNER) $(ACTORS) ## kill writers, and look for what they were told was committed
	VARSDB_TEST_ONLY=killed VARSDB_TEST_KILLS=$(KILLS) "$(RUNNER)"

# Sequences of random calls, each of some 250.
MODEL_SEQUENCES ?= 5000
check-model: $(RUNNER) ## random calls against a model in memory
	VARSDB_TEST_ONLY=model VARSDB_TEST_SEQUENCES=$(MODEL_SEQUENCES) "$(RUNNER)"

SOAK_SECONDS ?= 300
check-soak: $(RUNNER) $(ACTORS) ## long-lived processes beside writers that are killed: nothing grows, nothing is lost
	VARSDB_TEST_ONLY=soak VARSDB_TEST_SOAK=$(SOAK_SECONDS) "$(RUNNER)"

check-plants: ## tests of the tests: bugs that are planted are caught (PLANTS="<name> ..." for some)
	BUILD="$(BUILD)" CC="$(CC)" AWK="$(AWK)" MAKE="$(MAKE)" sh tests/plants/run.sh

# Fault sweeps and all; without the suites that tests/coverage/run.sh names.
check-coverage: ## count the branches of src/ that the unit and process tests take: too few fail
	$(MAKE) BUILD=$(BUILD)/coverage CC=gcc CFLAGS="-O0 -g" COVERAGE=1 coverage-counted

coverage-counted: $(RUNNER) $(ACTORS) $(CLI)
	BUILD="$(BUILD)" AWK="$(AWK)" sh tests/coverage/run.sh

check-golden: ## initial values are the same bits with gcc and clang at -O0, -O3 and -march=native
	FLAGS="$(LANGUAGE) $(WARNINGS)" BUILD="$(BUILD)" sh tests/interop/run.sh native

check-interop: $(CLI) $(LOADED) ## the same for aarch64, under qemu; Python; PyTorch; completion in shells; the report in Chromium; Debian's packages; as root it installs what that takes
	FLAGS="$(LANGUAGE) $(WARNINGS)" BUILD="$(BUILD)" sh tests/interop/run.sh aarch64
	VARSDB="$(abspath $(CLI))" EXTENSION="$(abspath $(LOADED))" sh tests/interop/python.sh
	VARSDB="$(abspath $(CLI))" sh tests/interop/pytorch.sh
	VARSDB="$(abspath $(CLI))" sh tests/interop/shells.sh
	VARSDB="$(abspath $(CLI))" sh tests/interop/report.sh
	CC="$(CC)" sh tests/interop/package.sh

# The heap's users first; the sanitizers run the rest.  SUITES=all takes long.
SUITES ?= buf json pickle zip scope verify
check-valgrind: $(RUNNER) $(CLI) ## unit suites in one process under valgrind: no error, nothing lost (SUITES=all: all of them)
	RUNNER="$(RUNNER)" SUITES="$(SUITES)" sh tests/valgrind.sh

FAULT_STEP ?= 1
check-faults: $(RUNNER) ## let every allocation, every call of the file system and every write fail, in each call (FAULT_STEP=7: one in 7)
	echo "== faults" && VARSDB_TEST_ONLY=fault VARSDB_FAULT_STEP=$(FAULT_STEP) $(RUN_ENV) $(RUNNER)

check-clang: ## build everything with clang, which warns of other things
	$(MAKE) BUILD=$(BUILD)/clang CC=clang all built

run-hygiene = CC="$(CC)" BUILD="$(BUILD)" FLAGS="$(LANGUAGE) $(XXH_DISPATCH) $(INCLUDES) $(CPPFLAGS)" sh tests/hygiene/run.sh
check-hygiene: all ## have gcc's analyzer look at the library and the command, and build them twice
	+$(run-hygiene)

check-tidy: all ## have clang-tidy and clang's analyzer look at them (slow)
	$(run-hygiene) tidy

lint: $(SHARED) ## check the rules of CONTRIBUTING.md
	CC="$(CC)" BUILD="$(BUILD)" sh tests/lint.sh

abi: ## write tests/abi/facts.txt, what callers rely on, after a change of the headers on purpose
	CC="$(CC)" AWK="$(AWK)" sh tests/abi/facts.sh | { $(call keep-if-same,tests/abi/facts.txt); }

docs: $(CLI) ## make varsdb(1) from the command's help, and the tables of docs/tensorflow.md from the conformance file
	{ cat $@/man/varsdb.head && "$(CLI)" help --man && cat $@/man/varsdb.tail; } | { $(call keep-if-same,$@/man/varsdb.1); }
	$(AWK) -f tests/conformance/doc.awk tests/conformance/*.txt $@/tensorflow.md | { $(call keep-if-same,$@/tensorflow.md); }

frozen: $(CLI) ## at a release: keep a registry of its schema for the tests of all later versions
	VARSDB="$(abspath $(CLI))" sh tests/frozen/make.sh

demo: $(CLI) $(EXAMPLES) ## train a small model into build/demo and look at it
	rm -rf $(BUILD)/demo && mkdir -p $(BUILD)/demo && cd $(BUILD)/demo && VARSDB="$(abspath $(CLI))" EXAMPLES="$(abspath $(BUILD)/examples)" \
	    sh "$(CURDIR)/examples/demo.sh"

# The peers are installed before the programs are built, which are compiled with those that are there.
bench: $(CLI) $(LOADED) ## measure against SQLite, LMDB, RocksDB, HDF5, files and Python (QUICK=1: in two minutes, with what is installed)
	$(if $(QUICK),,sh bench/install-peers.sh)
	$(MAKE) $(BENCHES)
	VARSDB="$(abspath $(CLI))" BENCH="$(abspath $(BUILD)/bench)" sh bench/run.sh $(if $(QUICK),--quick)

check-instructions: $(BUILD)/bench/bench_instructions ## count the instructions of the hot paths, and compare (RECORD=1: record them)
	BENCH="$(abspath $(BUILD)/bench)" CC="$(CC)" AWK="$(AWK)" sh bench/instructions.sh $(if $(RECORD),--record)

fuzz: ## fuzz every target for FUZZ_SECONDS with clang
	$(MAKE) BUILD=$(BUILD)/fuzzing CC=clang SANITIZE=fuzzer-no-link,address,undefined fuzz-run

fuzz-run: $(FUZZERS)
	set -e; for program in $(FUZZERS); do name=$${program##*/fuzz_}; found=$(BUILD)/corpus/$$name; \
	    mkdir -p "$$found" tests/fuzz/corpus/"$$name"; echo "== fuzzing $$name"; \
	    $(RUN_ENV) "$$program" -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=2048 \
	        -artifact_prefix="$$found/" "$$found" tests/fuzz/corpus/"$$name"; done

# In CI each target gets a number of inputs, the same ones each time: what is found can be found again.
# FUZZ_SEED=0 draws others.  An input of a database is a file that is made, opened and worked on: it takes as long
# as hundreds of a small parser.  An expression over a text is searched for in bounded time, but not in none.
FUZZ_SEED          ?= 1
FUZZ_RUNS          ?= 500000
FUZZ_SMALL_RUNS    ?= 5000000
FUZZ_MATCH_RUNS    ?= 150000
FUZZ_DATABASE_RUNS ?= 200000
FUZZ_READERS       := safetensors safetensors_index npy_file npz tf_index snappy pytorch pickle gguf
FUZZ_SMALL         := name value spec slice_text sql_options
FUZZ_SEEDS         := 1 2 # of databases
check-fuzz: ## fuzz databases, readers of tensor files and small parsers with a number of inputs each, with clang
	$(MAKE) BUILD=$(BUILD)/fuzzing CC=clang SANITIZE=fuzzer-no-link,address,undefined fuzz-counted

fuzz-counted: $(FUZZ_SEEDS:%=fuzzed-database-%) fuzzed-match $(FUZZ_SMALL:%=fuzzed-%) $(FUZZ_READERS:%=fuzzed-%)

# $(call fuzz-count,target,corpus to begin with and to add to,runs,seed,more options)
fuzz-count = mkdir -p "$(2)"; $(RUN_ENV) "$(BUILD)/fuzz/fuzz_$(1)" -runs=$(3) -seed=$(4) $(5) -timeout=20 -rss_limit_mb=2048 \
        -verbosity=0 -print_final_stats=1 -artifact_prefix="$(2)/" "$(2)" tests/fuzz/corpus/$(1) >"$(2).log" 2>&1 || \
        { tail -n 40 "$(2).log"; exit 1; }; \
    count=$$(sed -n 's/^stat::number_of_executed_units: *//p' "$(2).log"); echo "fuzz $(1), seed $(4): $$count inputs"; \
    if [ "$$count" -lt $(3) ]; then echo "fewer than $(3)" >&2; exit 1; fi

fuzzed-database-%: $(BUILD)/fuzz/fuzz_database
	$(call fuzz-count,database,$(BUILD)/corpus/database-$*,$(FUZZ_DATABASE_RUNS),$*,-max_len=400)

fuzzed-%: $(BUILD)/fuzz/fuzz_%
	$(call fuzz-count,$*,$(BUILD)/corpus/$*,$(if $(filter match,$*),$(FUZZ_MATCH_RUNS),$(if $(filter $*,$(FUZZ_SMALL)),$(FUZZ_SMALL_RUNS),$(FUZZ_RUNS))),$(FUZZ_SEED),$(if $(filter $*,$(FUZZ_SMALL)),-max_len=200))

fuzz-replay: $(REPLAYS) ## run every fuzz target over its committed corpus
	$(run-replay)

# The extension is not for linking: Debian's policy wants a directory below $(LIBDIR) for it.  In $(LIBDIR)
# itself its name alone would do for loading only where that is /usr/lib, since ldconfig finds lib*.so* alone.
install: all ## install command, completions, libraries, extension, headers and man pages into $(DESTDIR)$(PREFIX)
	install -d $(addprefix $(DESTDIR),$(PREFIX)/bin $(PREFIX)/include $(LIBDIR)/pkgconfig $(EXTDIR))
	install -m 755 $(CLI) $(DESTDIR)$(PREFIX)/bin/varsdb
	install -m 644 $(HEADERS) $(DESTDIR)$(PREFIX)/include
	install -m 644 $(STATIC) $(DESTDIR)$(LIBDIR)/libvarsdb.a
	install -m 755 $(REAL) $(DESTDIR)$(LIBDIR)/$(notdir $(REAL))
	ln -sf $(notdir $(REAL)) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libvarsdb.so
	install -m 644 $(LOADED) $(DESTDIR)$(EXTDIR)/$(notdir $(LOADED))
	install -m 644 $(PC) $(DESTDIR)$(LIBDIR)/pkgconfig/varsdb.pc
	$(foreach page,$(MAN),install -D -m 644 $(page) $(DESTDIR)$(call man-path,$(page)) &&) true
	install -D -m 644 cli/completion/varsdb.bash $(DESTDIR)$(BASHDIR)/varsdb
	install -D -m 644 cli/completion/_varsdb $(DESTDIR)$(ZSHDIR)/_varsdb
	install -D -m 644 cli/completion/varsdb.fish $(DESTDIR)$(FISHDIR)/varsdb.fish

uninstall: ## remove what install installed
	rm -f $(DESTDIR)$(PREFIX)/bin/varsdb $(addprefix $(DESTDIR)$(PREFIX)/include/,$(notdir $(HEADERS))) \
	    $(DESTDIR)$(EXTDIR)/$(notdir $(LOADED)) \
	    $(addprefix $(DESTDIR)$(LIBDIR)/,libvarsdb.a libvarsdb.so $(SONAME) $(notdir $(REAL)) pkgconfig/varsdb.pc) \
	    $(foreach page,$(MAN),$(DESTDIR)$(call man-path,$(page))) \
	    $(DESTDIR)$(BASHDIR)/varsdb $(DESTDIR)$(ZSHDIR)/_varsdb $(DESTDIR)$(FISHDIR)/varsdb.fish

# The same commit gives the same bytes: names in order, no owner, the commit's time, no time of packing.
# Outside git, as in what such an archive holds, it is all that is there, with that archive's time.
ifneq ($(wildcard .git),)
git        = git -c safe.directory='$(CURDIR)'
dist-files = $(git) ls-files --cached --others --exclude-standard
dist-time  = $(git) log -1 --format=%ct
else
dist-files = find . -name $(notdir $(BUILD)) -prune -o -type f -print | sed 's|^\./||'
dist-time  = stat -c %Y Makefile
endif

dist: ## pack the sources into $(BUILD)/varsdb-VERSION.tar.gz
	mkdir -p $(BUILD)
	if [ -e .git ] && [ -n "$$($(git) status --porcelain)" ]; then echo "dist: what is not committed is packed too" >&2; fi
	$(dist-files) | while read -r file; do if [ -e "$$file" ]; then echo "$$file"; fi; done | LC_ALL=C sort -u > $(DIST).names
	tar -c -f $(DIST:.gz=) --no-recursion -T $(DIST).names --format=ustar --owner=0 --group=0 --numeric-owner \
	    --mode=u=rwX,go=rX --mtime="@$$($(dist-time))" --transform='s|^|varsdb-$(VERSION)/|'
	gzip -n -9 -f $(DIST:.gz=) && rm $(DIST).names
	echo "$(DIST)"

clean: ## remove everything that was built
	rm -rf $(BUILD)

help: ## show this
	$(AWK) -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' Makefile

# ---- Generated files -------------------------------------------------------

say = mkdir -p $(@D) && printf '  %-5s %s\n' $(1) $@

# Writes standard input to $(1) unless that is what it says already.
keep-if-same = mkdir -p $(dir $(1)) && cat > $(1).new && { cmp -s $(1).new $(1) && rm $(1).new || mv $(1).new $(1); }

$(BUILD)/gen/queries.h $(BUILD)/gen/queries.c: $(QUERIES) schema/embed.awk
	$(call say,AWK)
	$(AWK) -v out=$(if $(filter %.h,$@),header,source) -f schema/embed.awk $(QUERIES) > $@

$(BUILD)/gen/schema.c: schema/schema.sql schema/views.sql schema/embed.awk
	$(call say,AWK)
	$(AWK) -v out=schema -f schema/embed.awk schema/schema.sql schema/views.sql > $@

$(BUILD)/gen/migrations.c: $(MIGRATIONS) schema/embed.awk | check-migrations
	$(call say,AWK)
	$(AWK) -v out=migrations -v sums="$$(sha256sum $(MIGRATIONS))" -f schema/embed.awk $(MIGRATIONS) > $@

# The style and the script go in with their hashes, which are all that the page's policy allows.
$(BUILD)/gen/report_page.c: $(REPORT_SRC) cli/report/embed.awk
	$(call say,AWK)
	cat $(filter %.js,$(REPORT_SRC)) > $@.js
	$(AWK) -v style=cli/report/report.css -v script=$@.js -v sums="$$(sha256sum cli/report/report.css $@.js)" \
	    -f cli/report/embed.awk cli/report/report.html > $@
	rm $@.js
$(BUILD)/obj/gen/report_page.o: private INCLUDES += -Icli

$(BUILD)/gen/completions.c: $(COMPLETIONS) cli/completion/embed.awk
	$(call say,AWK)
	$(AWK) -f cli/completion/embed.awk $(COMPLETIONS) > $@

# The hash's own file comes last: where it chooses among instruction sets it redefines xxHash's names.
$(ONEFILE).c: LICENSE $(LIB_HDR) $(GEN_SRC) $(filter-out src/hash.c,$(LIB_SRC)) src/hash.c src/amalgamate.awk
	$(call say,AWK)
	$(AWK) -v version=$(VERSION) -f src/amalgamate.awk $(filter-out %.awk,$^) > $@

$(ONEFILE).h: src/varsdb.h
	$(call say,COPY)
	cp $< $@

$(BUILD)/gen/suites.h: FORCE
	{ echo '#define VDB_TEST_SUITES(X) \'; \
	   for name in $(patsubst test_%.c,%,$(notdir $(SUITE_SRC))); do echo "    X($$name) \\"; done; \
	   echo '    /* end */'; } | { $(call keep-if-same,$@); }

# Objects are rebuilt when the compiler or its flags change.
$(BUILD)/flags: FORCE
	printf '%s\n' '$(subst ','\'',$(COMPILE) | $(LINK) $(LIBS))' | { $(call keep-if-same,$@); }

$(BUILD)/bench/peers: FORCE
	printf '%s\n' '$(subst ','\'',$(PEER_FLAGS))' | { $(call keep-if-same,$@); }
$(call objects,$(STORE_SRC)): $(BUILD)/bench/peers

$(BUILD)/libedit: FORCE
	printf '%s\n' '$(if $(EDIT_FLAGS),$(EDIT_FLAGS) $(EDIT_LIBS),without libedit: lines of the shell are not edited)' | { $(call keep-if-same,$@); }
$(BUILD)/obj/cli/prompt.o: $(BUILD)/libedit

$(PC): varsdb.pc.in FORCE
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
	    -e 's|@EXTENSION@|$(patsubst $(LIBDIR)/%,$${libdir}/%,$(EXTDIR))/$(notdir $(LOADED))|' \
	    -e 's|@VERSION@|$(VERSION)|' -e 's|@PCRE2@|$(PCRE2:%=, %)|' -e 's|@ZLIB@|$(ZLIB:%=, %)|' $< | { $(call keep-if-same,$@); }

# ---- Compiling and linking -------------------------------------------------

$(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(BUILD)/gen/queries.h
	$(call say,CC)
	$(COMPILE) $(if $(filter src/%,$<),$(COUNTED)) $(if $(filter bench/store_%,$<),$(PEER_FLAGS)) $(if $(filter cli/prompt.c,$<),$(EDIT_FLAGS)) -c $< -o $@

# Loops over elements: what -O3 does for them pays.
FAST_LOOPS := $(addprefix src/,stats_scan.o arithmetic.o difference.o)
$(addprefix $(BUILD)/obj/,$(FAST_LOOPS) $(addprefix loaded/,$(FAST_LOOPS))): private CFLAGS := $(CFLAGS:-O2=-O3)

$(BUILD)/obj/loaded/%.o: %.c $(BUILD)/flags | $(BUILD)/gen/queries.h
	$(call say,CC)
	$(COMPILE) -DVARSDB_LOADABLE -c $< -o $@

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/flags | $(BUILD)/gen/queries.h
	$(call say,CC)
	$(COMPILE) -Wno-overlength-strings -c $< -o $@

$(BUILD)/obj/tests/%.o: tests/%.c $(BUILD)/flags | $(BUILD)/gen/queries.h $(BUILD)/gen/suites.h
	$(call say,CC)
	$(COMPILE) $(TEST_DEFS) -c $< -o $@

$(STATIC): $(LIB_OBJ)
$(SUPPORT): $(SUPPORT_OBJ)
$(STATIC) $(SUPPORT):
	$(call say,AR)
	rm -f $@ && $(AR) rcsD $@ $^

$(SHARED): $(LIB_OBJ) src/varsdb.map
	$(call say,LINK)
	$(LINK) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=src/varsdb.map $(LIB_OBJ) $(LIBS) -o $(REAL)
	ln -sf $(notdir $(REAL)) $(BUILD)/$(SONAME)
	ln -sf $(SONAME) $@

$(LOADED): $(LOADED_OBJ) src/sql/extension.map
	$(call say,LINK)
	$(LINK) -shared -Wl,--version-script=src/sql/extension.map $(LOADED_OBJ) $(LOADED_LIBS) -o $@

$(CLI): $(CLI_OBJ) $(STATIC)
$(RUNNER): $(RUNNER_OBJ) $(STATIC)
$(BUILD)/tests/actor_power: $(call objects,$(POWER_SRC))
$(ACTORS): $(BUILD)/tests/%: $(BUILD)/obj/tests/process/%.o $(SUPPORT) $(STATIC)
$(BUILD)/replay/fuzz_database $(BUILD)/fuzz/fuzz_database: $(call objects,$(FUZZ_LIB))
$(REPLAYS): $(BUILD)/replay/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/obj/tests/fuzz/standalone.o $(STATIC)
$(FUZZERS): $(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(STATIC)
$(EXAMPLES): $(BUILD)/examples/%: $(BUILD)/obj/examples/%.o $(STATIC)
$(TRACKER): $(call objects,$(TRACKER_SRC)) $(STATIC)
$(BENCHES): $(BUILD)/bench/%: $(BUILD)/obj/bench/%.o $(call objects,$(BENCH_LIB)) $(STATIC)
$(BUILD)/bench/bench_peers: $(call objects,$(STORE_SRC))
$(BUILD)/bench/bench_peers: MORE_LIBS = $(PEER_LIBS)
$(CLI): MORE_LIBS = $(EDIT_LIBS)
$(RUNNER): MORE_LIBS = $(CK_LIBS) $(FAULT_CALLS:%=-Wl,--wrap=%)
$(BUILD)/tests/actor_collider: MORE_LIBS = -Wl,--wrap=vdb_hash_bytes -Wl,--wrap=vdb_hasher_end
$(BUILD)/tests/actor_power: MORE_LIBS = $(POWER_WRAPS:%=-Wl,--wrap=%)
$(FUZZERS): MORE_LIBS = -fsanitize=fuzzer
$(CLI) $(RUNNER) $(ACTORS) $(REPLAYS) $(FUZZERS) $(EXAMPLES) $(TRACKER) $(BENCHES):
	$(call say,LINK)
	$(LINK) $^ $(MORE_LIBS) $(LIBS) -o $@

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
