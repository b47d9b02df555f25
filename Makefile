# mich - build, test, install. `make help` lists the targets.
#
#   make            build/mich and the programs it starts
#   SAN=1           AddressSanitizer and UBSan, in build-san/
#   TSAN=1          ThreadSanitizer, in build-tsan/; `make tsan` sets it for the server and for nets
#   FUZZ=1          libFuzzer (clang), in build-fuzz/; `make fuzz` sets it

PREFIX  ?= /usr/local
VERSION := 0.1.0
SHELL   := /bin/bash
.SHELLFLAGS := -eo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

# V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@echo "  $1")

B := build
ifeq ($(SAN),1)
  B := build-san
  SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif
ifeq ($(TSAN),1)
  B := build-tsan
  SANITIZE := -fsanitize=thread
endif
ifeq ($(FUZZ),1)
  B := build-fuzz
  CC := clang
  SANITIZE := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
  WARN_CLANG := -Wno-unknown-warning-option
  FUZZ_MAIN := -fsanitize=fuzzer
endif

CC      ?= cc
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wwrite-strings -Wno-format-truncation
CFLAGS  ?= -O2 -g
C       := $(CC) -std=gnu11 $(WARN) $(WARN_CLANG) $(CFLAGS) $(SANITIZE) -fno-math-errno -fno-trapping-math \
           -ffp-contract=off -fvisibility=hidden -pthread -I. -DMICH_VERSION='"$(VERSION)"'

# KIT=build/gpu-kit: headers and archives of jansson and libcrypto from there, where the system has none.
C += $(if $(KIT),-isystem $(KIT)/include)

# Libraries of `mich` itself: static where that starts faster (see lib/README.md). Whether the archives
# link is tried once and kept in probe.mk.
archive     = $(if $(wildcard /usr/lib/lib$1.a /usr/lib/*/lib$1.a),-l:lib$1.a)
STATIC_GIT  := -Wl,--wrap=git_mbedtls_stream_global_init -Wl,-u,gss_indicate_mechs
STATIC_LIBS := -l:libgit2.a $(foreach l,mbedtls mbedx509 mbedcrypto http_parser llhttp ssh2 gcrypt gpg-error, \
                 $(call archive,$l)) \
               -l:libssl.a -l:libcrypto.a -l:libpcre2-8.a -l:libz.a -l:libsqlite3.a -l:libjansson.a

-include $B/probe.mk
$B/probe.mk: lib/store/static.c
	@mkdir -p $(@D)
	@if printf '%s\n' 'int git_libgit2_init(void), __wrap_git_mbedtls_stream_global_init(void);' \
	    'int __wrap_git_mbedtls_stream_global_init(void) { return 0; }' \
	    'int main(void) { return git_libgit2_init() < 1; }' | \
	  $(CC) -DMICH_STATIC_GIT -w -o $@.try -x c - lib/store/static.c -x none $(STATIC_GIT) $(STATIC_LIBS) \
	    -ldl -lm -pthread 2>/dev/null && $@.try; then \
	  echo 'HAVE_STATIC := 1' >$@; \
	elif echo '#include <git2.h>' | $(CC) -E -x c -o /dev/null - 2>/dev/null; then \
	  echo 'HAVE_STATIC :=' >$@; \
	fi; rm -f $@.try

ifeq ($(HAVE_STATIC),1)
  LIBS := $(STATIC_GIT) $(STATIC_LIBS)
  STATIC_DEFS := -DMICH_STATIC_GIT
else
  LIBS := -lgit2 -lsqlite3 -ljansson -lcrypto -lz
endif
LIBS += -ldl -lm -pthread
LEARN_LIBS := $(if $(KIT),-L$(KIT)/lib) $(if $(KIT)$(HAVE_STATIC),-l:libjansson.a -l:libcrypto.a,-ljansson -lcrypto)

# What trains on a GPU is built where NVIDIA's compiler is; a GPU, cuBLAS and NCCL are not asked for.
# Sanitizers do not go with CUDA.
#	NVCC=/path/to/nvcc    another compiler than the one on the PATH or in /usr/local/cuda
#	NVCC_ARCH='80 90'     the GPUs to compile for, by compute capability; the last one's code runs on all later ones too
NVCC      ?= $(firstword $(shell command -v nvcc 2>/dev/null) $(wildcard $(CUDA_HOME)/bin/nvcc /usr/local/cuda/bin/nvcc))
NVCC_ARCH ?= 80 90
ifeq ($(SANITIZE)$(if $(NVCC),,none),)
  -include $B/cuda.mk
endif
$B/cuda.mk:
	@mkdir -p $(@D)
	@top=$$($(NVCC) --dryrun -x cu -c /dev/null -o /dev/null 2>&1 | sed -n 's/^#\$$ TOP=//p') && \
	  test -e "$$top/include/cuda_runtime_api.h" && echo "CUDA_TOP := $$top" >$@ || true

# The server is built where libh2o is.
HAVE_H2O := $(shell pkg-config --exists libh2o-evloop openssl 2>/dev/null && echo 1)
ABSENT   := $(if $(HAVE_H2O),,lib/serve/http/%.c cmd/mich-serve.c) $(if $(CUDA_TOP),,cmd/mich-net-cuda.c)

LIB_SRC  := $(filter-out $(ABSENT) lib/learn/cuda/%.c,$(wildcard lib/*/*.c lib/*/*/*.c))
LIB_OBJ  := $(LIB_SRC:%.c=$B/%.o)
CMD_SRC  := $(filter-out cmd/mich-%.c,$(wildcard cmd/*.c))
CMD_OBJ  := $(CMD_SRC:%.c=$B/%.o)
PROG_SRC := $(filter-out $(ABSENT),$(wildcard cmd/mich-*.c))
PROGS    := $(PROG_SRC:cmd/%.c=$B/%)
UNIT_SRC := $(wildcard tests/unit/*/*.c)
UNITS    := $(UNIT_SRC:%.c=$B/%)
FUZZ_SRC := $(wildcard tests/fuzz/*.c)
FUZZERS  := $(FUZZ_SRC:%.c=$B/%)
SCENES   := $(wildcard tests/cli/*.t tests/lint/*.t tests/parity/*.t)
PARITY   := $(patsubst %.c,$B/%,$(wildcard tests/parity/*.c))

# What lib/learn/net/clones.h compiles for several machines is to become vectors.
$(foreach f,activation dropout norm optimizer pass_load shuffle trainer_fit,$(eval CFLAGS_$f := -O3))

all: $B/mich $(PROGS) score

$B/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC    $<)
	$Q$(C) $(STATIC_DEFS) $(CFLAGS_$(basename $(notdir $<))) -MMD -MP -c $< -o $@

$B/libmich.a: $(LIB_OBJ)
	@rm -f $@
	$(call say,AR    $@)
	$Q$(AR) qcs $@ $^

$B/mich: $(CMD_OBJ) $B/libmich.a
	$(call say,LINK  $@)
	$Q$(C) -o $@ $(CMD_OBJ) $B/libmich.a $(LIBS)

# --- mich-net-cuda --------------------------------------------------------------------------------

# The learners alone, and the launcher for their tests: what a rank's program is made of. Of others' work
# it asks for jansson and libcrypto.
LEARN_SRC := $(wildcard lib/base/*.c lib/model/*.c lib/model/*/*.c lib/measure/*.c lib/measure/*/*.c \
               lib/learn/*.c lib/learn/net/*.c lib/learn/team/*.c lib/learn/xgboost/*.c lib/launch/*.c lib/launch/*/*.c)
$B/libmich-learn.a: $(LEARN_SRC:%.c=$B/%.o)
	@rm -f $@
	$(call say,AR    $@)
	$Q$(AR) qcs $@ $^

comma     := ,
CUDA_OBJ  := $(patsubst %,$B/%.o,$(basename $(wildcard lib/learn/cuda/*.c))) \
             $(patsubst %,$B/%.cu.o,$(basename $(wildcard lib/learn/cuda/*.cu)))
NVCC_CODE := $(foreach a,$(NVCC_ARCH),-gencode arch=compute_$a$(comma)code=sm_$a) \
             -gencode arch=compute_$(lastword $(NVCC_ARCH))$(comma)code=compute_$(lastword $(NVCC_ARCH))
N         := $(NVCC) -std=c++17 -O3 -lineinfo $(NVCC_CODE) -Wno-deprecated-gpu-targets -I. \
             -Xcompiler -Wall$(comma)-Wextra$(comma)-Wshadow$(comma)-fvisibility=hidden \
             -DMICH_VERSION='"$(VERSION)"' -fmad=false

CFLAGS_device := -isystem $(CUDA_TOP)/include
$B/%.cu.o: %.cu
	@mkdir -p $(@D)
	$(call say,NVCC  $<)
	$Q$N $(NVCCFLAGS_$(basename $(notdir $<))) -MMD -MP -c $< -o $@

$B/mich-net: $B/cmd/mich-net.o $B/libmich-learn.a
	$(call say,LINK  $@)
	$Q$(C) -o $@ $^ $(LEARN_LIBS) -ldl -lm

# nvcc links: it knows where its runtime lies. That comes from its archive, since kernels register with it.
$B/mich-net-cuda: $B/cmd/mich-net-cuda.o $(CUDA_OBJ) $B/libmich-learn.a
	$(call say,LINK  $@)
	$Q$(NVCC) -cudart static -Xcompiler -pthread -o $@ $^ $(LEARN_LIBS) -ldl -lm

# make gpu-check: build it, hold it to the CPU, and measure; on a machine with a GPU, nvcc, gcc and make.
GPU_TESTS := $(patsubst %.c,$B/%,$(wildcard tests/gpu/*.c))
$B/tests/gpu/%: $B/tests/gpu/%.o $(CUDA_OBJ) $B/libmich-learn.a
	$(call say,LINK  $@)
	$Q$(NVCC) -cudart static -Xcompiler -pthread -o $@ $^ $(LEARN_LIBS) -ldl -lm

# runs trains as check.sh asks, without mich.
$B/tests/lib/runs: tests/lib/runs.c $B/libmich-learn.a
	@mkdir -p $(@D)
	$(call say,LINK  $@)
	$Q$(C) -MMD -MP -o $@ $< $B/libmich-learn.a $(LEARN_LIBS) -ldl -lm

gpu-build: $B/mich-net $B/tests/lib/runs $(if $(CUDA_TOP),$B/mich-net-cuda $(GPU_TESTS))
	@test -n "$(CUDA_TOP)" || { echo "nvcc is not there: install NVIDIA's CUDA toolkit, or set NVCC=" >&2; exit 1; }

gpu-check:
	@sh tests/gpu/check.sh

# What such a machine may lack, to be carried there: headers and archives of jansson and libcrypto.
gpu-kit:
	@rm -rf build/gpu-kit && mkdir -p build/gpu-kit/include build/gpu-kit/lib
	@grep -hE '^#include <(openssl/|jansson)' $(LEARN_SRC) $(wildcard $(LEARN_SRC:.c=.h)) | $(CC) -M -x c - | tr ' ' '\n' | \
	  grep -E '/(jansson[^/]*|openssl/[^/]*)\.h$$' | while read -r h; do \
	    case $$h in */openssl/*) to=openssl ;; *) to=. ;; esac; \
	    mkdir -p build/gpu-kit/include/$$to && cp $$h build/gpu-kit/include/$$to/; done
	@for l in jansson crypto; do cp "$$($(CC) -print-file-name=lib$$l.a)" build/gpu-kit/lib/; done
	@du -sh build/gpu-kit

LIBS_mich-bundle   := -larchive
LIBS_mich-xgboost  :=
# libh2o comes as a shared library and brings its OpenSSL: there is to be one of it.
LIBS_mich-serve    := -lh2o-evloop -lssl -lcrypto
STATIC_mich-serve  := -l:libssl.a -l:libcrypto.a
$B/mich-%: $B/cmd/mich-%.o $B/libmich.a
	$(call say,LINK  $@)
	$Q$(C) -o $@ $^ $(LIBS_mich-$*) $(filter-out $(STATIC_mich-$*),$(LIBS)) $(LIBS_mich-$*)

# --- libmich-score: the scorer for other programs --------------------------------------------------

# One object with everything that lib/model/mich-score.c needs, of which nothing but its own functions
# can be seen; it asks for jansson, libm and threads.
SCORE_SRC := $(wildcard lib/base/*.c lib/model/*.c lib/model/*/*.c)
SCORE_ABI := 0

$B/pic/%.o: %.c
	@mkdir -p $(@D)
	$Q$(C) -fPIC $(CFLAGS_$(basename $(notdir $<))) -MMD -MP -c $< -o $@

$B/pic/all.a: $(SCORE_SRC:%.c=$B/pic/%.o)
	@rm -f $@
	$Q$(AR) qcs $@ $^

$B/pic/mich-score.o: $B/pic/all.a
	$Q$(LD) -r -u mich_score_open -o $@ $<
	$Qobjcopy --localize-hidden $@

$B/libmich-score.a: $B/pic/mich-score.o
	@rm -f $@
	$(call say,AR    $@)
	$Q$(AR) qcs $@ $<

$B/libmich-score.so: $B/pic/mich-score.o
	$(call say,LINK  $@)
	$Q$(C) -shared -Wl,-soname,libmich-score.so.$(SCORE_ABI) -Wl,-z,defs -o $@ $< -ljansson -lm -pthread
	$Qln -sf libmich-score.so $@.$(SCORE_ABI)

score: $B/libmich-score.a $B/libmich-score.so

# --- tests ----------------------------------------------------------------------------------------

$B/tests/unit/%: tests/unit/%.c $B/libmich.a
	@mkdir -p $(@D)
	$(call say,LINK  $@)
	$Q$(C) -Wno-missing-prototypes -MMD -MP -o $@ $< $B/libmich.a -lcmocka $(LIBS)

# The GPU's trainer and its kernels on the host, as fibers (tests/cuda/host.h): the programs of tests/gpu that
# a GPU runs in `make gpu-check`, here with AddressSanitizer where it is asked for.
CXX          ?= c++
HOSTED_C     := $(patsubst %,lib/learn/cuda/%.c,device gpu_data gpu_gemm gpu_level gpu_memory gpu_pass gpu_pieces gpu_plan gpu_queue gpu_trainer \
                  gpu_trainer_open)
HOSTED_CU    := $(wildcard lib/learn/cuda/gpu_*.cu)
HOSTED_OBJ   := $(patsubst %,$B/hosted/%.o,$(HOSTED_C) $(HOSTED_CU) $(filter-out %/host_nccl.cc,$(wildcard tests/cuda/*.cc)))
HOSTED_TESTS := $(patsubst tests/%.c,$B/hosted/tests/%,$(wildcard tests/gpu/*.c tests/cuda/*.c))
CXX_HOSTED   := $(CXX) -std=gnu++17 -Wall -Wextra -Wno-unknown-pragmas -O2 -g $(SANITIZE) -fno-math-errno \
                -ffp-contract=off -I.
HOSTED_LD    := $(SANITIZE) -Wl,--wrap=device_watch
$B/hosted/%.c.o: %.c
	@mkdir -p $(@D)
	$(call say,CC    $<)
	$Q$(C) -isystem tests/cuda/runtime -MMD -MP -c $< -o $@
$B/hosted/%.cu.o: %.cu
	@mkdir -p $(@D)
	$(call say,CXX   $<)
	$Q$(CXX_HOSTED) -x c++ -include tests/cuda/host.h -MMD -MP -c $< -o $@
$B/hosted/%.cc.o: %.cc
	@mkdir -p $(@D)
	$(call say,CXX   $<)
	$Q$(CXX_HOSTED) -MMD -MP -c $< -o $@
$B/hosted/tests/%: tests/%.c $(HOSTED_OBJ) $B/libmich.a
	@mkdir -p $(@D)
	$(call say,LINK  $@)
	$Q$(C) -DMICH_CUDA_HOST -MMD -MP -c $< -o $@.o
	$Q$(CXX) $(HOSTED_LD) -o $@ $@.o $(HOSTED_OBJ) $B/libmich.a $(LIBS)

# mich-net-cuda on such a device, and ranks of it: tests/cli/gpu.t trains with them where there is no GPU.
HOSTED_RUN := $(patsubst %,$B/hosted/%.o,$(patsubst %,lib/learn/cuda/%.c,gpu_engine gpu_facts nccl library) \
                lib/learn/cuda/nccl_tree.cu cmd/mich-net-cuda.c)
$B/hosted/mich-net-cuda: $(HOSTED_OBJ) $(HOSTED_RUN) $B/libmich.a
	$(call say,LINK  $@)
	$Q$(CXX) $(HOSTED_LD) -rdynamic -o $@ $^ $(LIBS)
$B/hosted/libnccl.so: tests/cuda/host_nccl.cc
	@mkdir -p $(@D)
	$(call say,LINK  $@)
	$Q$(CXX_HOSTED) -fPIC -shared -MMD -MP -o $@ $<

# Programs that scenarios use: record-one makes versions by hand.
TOOLS := $B/tests/lib/record-one $B/tests/lib/runs
$B/tests/lib/record-one: tests/lib/record-one.c $B/libmich.a
	@mkdir -p $(@D)
	$(C) -MMD -MP -o $@ $< $B/libmich.a $(LIBS)

unit: $(UNITS) $(HOSTED_TESTS) $B/hosted/mich-net-cuda $B/hosted/libnccl.so $(TOOLS)

$B/tests/parity/%: tests/parity/%.c $B/libmich.a
	@mkdir -p $(@D)
	$(call say,LINK  $@)
	$Q$(C) -MMD -MP -o $@ $< $B/libmich.a $(LIBS)

parity: $(PARITY)

# Without FUZZ=1 a target replays its corpus and no more: any compiler will do.
ifeq ($(FUZZ),1)
$B/tests/fuzz/%: tests/fuzz/%.c $B/libmich.a
	@mkdir -p $(@D)
	$(call say,LINK  $@)
	$Q$(C) -Wno-missing-prototypes -MMD -MP $(FUZZ_MAIN) -o $@ $< $B/libmich.a $(LIBS)
else
$B/tests/fuzz/%: tests/fuzz/%.c tests/lib/replay.c $B/libmich.a
	@mkdir -p $(@D)
	$(call say,LINK  $@)
	$Q$(C) -Wno-missing-prototypes -MMD -MP -o $@ $< tests/lib/replay.c $B/libmich.a $(LIBS)
endif

replay: $(FUZZERS)

TEST_ENV = LC_ALL=C MICH_BUILD=$(CURDIR)/$B CMOCKA_MESSAGE_OUTPUT=TAP \
           LSAN_OPTIONS=suppressions=$(CURDIR)/tests/lib/lsan.supp:print_suppressions=0
PROVE    = $(TEST_ENV) prove -f -o -j2 -e tests/lib/run-one

check:
	@.ci/deps --quick
	@+$(MAKE) --no-print-directory check-here

# Slow scenarios first, so that two run beside each other to the end.
check-here: all unit replay parity man engines
	@$(PROVE) $(shell ls -S $(SCENES)) $(UNITS) $(HOSTED_TESTS) $(FUZZERS)

# What has threads of its own, the server and nets, under ThreadSanitizer, beside programs without: DuckDB
# and XGBoost are not built with it. Copies, because a program looks for the others beside its own file.
TSAN_SCENES ?= serve following clients net
TSAN_UNITS  ?= learn/net_math learn/net_trainer learn/team
TSAN_BUILT   = $(addprefix build-tsan/,mich-serve mich-net $(TSAN_UNITS:%=tests/unit/%))
tsan: all engines
	@+$(MAKE) --no-print-directory TSAN=1 $(TSAN_BUILT)
	@mkdir -p build-tsan/beside
	@ln -sfn $(CURDIR)/build/engines build-tsan/beside/engines
	@cp -f $B/mich $(PROGS) build-tsan/beside/ && cp -f build-tsan/mich-serve build-tsan/mich-net build-tsan/beside/
	@ln -sfn $(CURDIR)/build/tests build-tsan/beside/tests
	@$(TEST_ENV) MICH_BUILD=$(CURDIR)/build-tsan/beside TSAN_OPTIONS=halt_on_error=1 \
	  prove -f -o -e tests/lib/run-one $(TSAN_UNITS:%=build-tsan/tests/unit/%) $(TSAN_SCENES:%=tests/cli/%.t)

lint: all
	$(TEST_ENV) sh tests/lint/lint.t

demo:
	@.ci/deps --quick --demo
	@+$(MAKE) --no-print-directory all
	@$(TEST_ENV) sh tests/demo/demo.sh

bench: all engines
	@for b in tests/bench/*.sh; do echo "# $$b" >&2; $(TEST_ENV) sh $$b; done

# make fuzz FUZZERS=name SECONDS=60
SECONDS_EACH := $(or $(SECONDS),30)
ifeq ($(FUZZ),1)
fuzz: $(FUZZERS)
	@for f in $(FUZZERS); do \
	  n=$${f##*/}; mkdir -p $B/found/$$n; echo "# $$n"; \
	  (cd $B/found/$$n && $(CURDIR)/$$f -max_total_time=$(SECONDS_EACH) -timeout=10 -rss_limit_mb=2048 \
	    -verbosity=0 -print_final_stats=1 . $(CURDIR)/tests/fuzz/corpus/$$n 2>&1 | \
	      grep -vE '^(#|")'); done
else
fuzz:
	@+$(MAKE) --no-print-directory FUZZ=1 fuzz
endif

# The engines lie below build/ whatever is built beside it.
engines:
	@test $B = build || { mkdir -p $B && ln -sfn ../build/engines $B/engines; }

# --- manual ---------------------------------------------------------------------------------------

# A page's @synopsis@ and @options@ are what the program itself says of the command.
MAN_SRC := $(wildcard man/*.scd)
MAN     := $(foreach m,$(MAN_SRC:man/%.scd=%),$B/man/man$(subst .,,$(suffix $m))/$m)
FACTS    = $B/mich help --scd $(if $(filter mich-%.1,$1),$(patsubst mich-%.1,%,$1),$(filter michfile,$(basename $1)) \
             $(if $(filter mich-learners.7,$1),learners))

define man_rule
$B/man/man$(subst .,,$(suffix $1))/$1: man/$1.scd man/insert.awk $B/mich
	@mkdir -p $$(@D)
	@$$(call FACTS,$1) >$$@.facts
	@awk -f man/insert.awk $$@.facts $$< | scdoc >$$@.tmp
	@rm -f $$@.facts
	@mv $$@.tmp $$@
endef
$(foreach m,$(MAN_SRC:man/%.scd=%),$(eval $(call man_rule,$m)))

man: $(MAN)

# --- installation ---------------------------------------------------------------------------------

deps:
	@.ci/deps $(if $(filter 1,$(CUDA)),--cuda)

D = $(DESTDIR)$(PREFIX)
install-score: score
	install -d $D/lib/pkgconfig $D/include
	install -m 644 lib/model/mich-score.h $D/include/mich-score.h
	install -m 644 $B/libmich-score.a $D/lib/libmich-score.a
	install -m 755 $B/libmich-score.so $D/lib/libmich-score.so.$(SCORE_ABI)
	ln -sf libmich-score.so.$(SCORE_ABI) $D/lib/libmich-score.so
	sed -e 's|@prefix@|$(PREFIX)|' -e 's|@version@|$(VERSION)|' lib/model/mich-score.pc.in \
	  >$D/lib/pkgconfig/mich-score.pc

install: all man install-score
	install -d $D/bin $D/libexec/mich $D/lib/mich $D/share/man
	install -m 755 $B/mich $D/bin/mich
	$(if $(PROGS),install -m 755 $(PROGS) $D/libexec/mich/)
	cp -RL build/engines/. $D/lib/mich/
	cp -R $B/man/. $D/share/man/
	install -D -m 644 completions/mich.bash $D/share/bash-completion/completions/mich
	install -D -m 644 completions/mich.zsh $D/share/zsh/site-functions/_mich
	install -D -m 644 completions/mich.fish $D/share/fish/vendor_completions.d/mich.fish

clean:
	rm -rf build/lib build/cmd build/tests build/hosted build/man build/demo build/pic build/libmich.a build/libmich-learn.a \
	  build/libmich-score.* build/mich build/mich-* build/probe.mk build/cuda.mk build/gpu-kit \
	  build-san build-tsan build-fuzz

help:
	@echo 'make            build/mich and the programs it starts'
	@echo 'make deps       install what the build and the tests need (Debian, Ubuntu); CUDA=1 cuBLAS and NCCL too'
	@echo 'make demo       a year of flights, from file to prediction, in build/demo'
	@echo 'make check      every test; SAN=1 with AddressSanitizer and UBSan'
	@echo 'make tsan       the scenarios of the server and of nets under ThreadSanitizer'
	@echo 'make lint       layers, dangerous calls, scripts, manual pages'
	@echo 'make gpu-check  trainings on a GPU beside the same on the CPU; wants nvcc, gcc and make'
	@echo 'make bench      speed beside git, XGBoost, nginx, MLflow and FastAPI, as JSON lines'
	@echo 'make fuzz       every parser for SECONDS=30; one alone: FUZZERS=build-fuzz/tests/fuzz/opt'
	@echo 'make install    into PREFIX=/usr/local, below DESTDIR='
	@echo 'make clean      remove what was built; engines and data stay'

.PHONY: all gpu-build gpu-check gpu-kit score install-score unit replay parity check check-here tsan lint demo bench fuzz engines man deps install clean help
.SECONDARY:
-include $(shell find $B -name '*.d' 2>/dev/null)
