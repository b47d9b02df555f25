# mich - build, test, install. `make help` lists the targets.
#
#   make            build/mich and the programs it starts
#   SAN=1           AddressSanitizer and UBSan, in build-san/
#   TSAN=1          ThreadSanitizer, in build-tsan/

PREFIX  ?= /usr/local
VERSION := 0.1.0
SHELL   := /bin/bash
.SHELLFLAGS := -eo pipefail -c

B := build
ifeq ($(SAN),1)
  B := build-san
  SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
endif
ifeq ($(TSAN),1)
  B := build-tsan
  SANITIZE := -fsanitize=thread
endif

CC      ?= cc
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wwrite-strings -Wno-format-truncation
CFLAGS  ?= -O2 -g
C       := $(CC) -std=gnu11 $(WARN) $(CFLAGS) $(SANITIZE) -fno-math-errno -fno-trapping-math \
           -ffp-contract=off -fvisibility=hidden -pthread -I. -DMICH_VERSION='"$(VERSION)"'

# Libraries of `mich` itself: static where that starts faster (see lib/README.md), unless sanitized.
STATIC_GIT := -l:libgit2.a -l:libmbedtls.a -l:libmbedx509.a -l:libmbedcrypto.a -l:libhttp_parser.a \
              -l:libssh2.a -l:libgcrypt.a -l:libgpg-error.a -l:libssl.a -l:libcrypto.a \
              -l:libpcre2-8.a -l:libz.a
HAVE_STATIC := $(shell echo 'int main(void){return 0;}' | \
  $(CC) -x c - -o /dev/null $(STATIC_GIT) -l:libsqlite3.a -l:libjansson.a -ldl -lm -pthread 2>/dev/null && echo 1)
ifeq ($(HAVE_STATIC),1)
  LIBS := -Wl,--wrap=git_mbedtls_stream_global_init $(STATIC_GIT) -l:libsqlite3.a -l:libjansson.a
  STATIC_DEFS := -DMICH_STATIC_GIT
else
  LIBS := -lgit2 -lsqlite3 -ljansson -lcrypto -lz
endif
LIBS += -ldl -lm -pthread

LIB_SRC  := $(wildcard lib/*/*.c lib/*/*/*.c)
LIB_OBJ  := $(LIB_SRC:%.c=$B/%.o)
CMD_SRC  := $(filter-out cmd/mich-%.c,$(wildcard cmd/*.c))
CMD_OBJ  := $(CMD_SRC:%.c=$B/%.o)
PROG_SRC := $(wildcard cmd/mich-*.c)
PROGS    := $(PROG_SRC:cmd/%.c=$B/%)
UNIT_SRC := $(wildcard tests/unit/*/*.c)
UNITS    := $(UNIT_SRC:%.c=$B/%)

all: $B/mich $(PROGS)

$B/%.o: %.c
	@mkdir -p $(@D)
	$(C) $(STATIC_DEFS) $(CFLAGS_$(basename $(notdir $<))) -MMD -MP -c $< -o $@

$B/libmich.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$B/mich: $(CMD_OBJ) $B/libmich.a
	$(C) -o $@ $(CMD_OBJ) $B/libmich.a $(LIBS)

LIBS_mich-bundle   := -larchive
LIBS_mich-xgboost  :=
$B/mich-%: $B/cmd/mich-%.o $B/libmich.a
	$(C) -o $@ $^ $(LIBS_mich-$*) $(LIBS)

$B/tests/unit/%: tests/unit/%.c $B/libmich.a
	@mkdir -p $(@D)
	$(C) -Wno-missing-prototypes -MMD -MP -o $@ $< $B/libmich.a -lcmocka $(LIBS)

unit: $(UNITS)

# A page's @synopsis@ and @options@ are what the program itself says of the command.
MAN_SRC := $(wildcard man/*.scd)
MAN     := $(foreach m,$(MAN_SRC:man/%.scd=%),$B/man/man$(subst .,,$(suffix $m))/$m)
FACTS    = $B/mich help --scd $(if $(filter mich-%.1,$1),$(patsubst mich-%.1,%,$1),$(filter michfile,$(basename $1)))

define man_rule
$B/man/man$(subst .,,$(suffix $1))/$1: man/$1.scd man/insert.awk $B/mich
	@mkdir -p $$(@D)
	$$(call FACTS,$1) >$$@.facts
	awk -f man/insert.awk $$@.facts $$< | scdoc >$$@.tmp
	@rm -f $$@.facts
	@mv $$@.tmp $$@
endef
$(foreach m,$(MAN_SRC:man/%.scd=%),$(eval $(call man_rule,$m)))

man: $(MAN)

clean:
	rm -rf build/lib build/cmd build/tests build/libmich.a build/mich build/mich-* build-san build-tsan

.PHONY: all unit man clean
.SECONDARY:
-include $(shell find $B -name '*.d' 2>/dev/null)
