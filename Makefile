# pgadvisor: verbs only. `make` shows them.
# SwiftPM leaves empty directories in TMPDIR at every start; there they bother nobody and go with `make clean`.
SWIFT = TMPDIR='$(CURDIR)/.build/tmp' swift
# Empty for a compiler newer than the one this was written with, should it warn of something new.
STRICT ?= -Xswiftc -warnings-as-errors
# Apple's platforms have no static standard library; theirs comes with the system.
STATIC = $(if $(filter Darwin,$(shell uname -s)),,--static-swift-stdlib)

.PHONY: help packages build release lint format check test golden bench soak fuzz parsers test-matrix demo clean

help:
	@echo 'make demo      a private PostgreSQL, a shop, and the advice for it (KEEP=1, VERIFY=1, SCALE=0.1)'
	@echo 'make check     format, build with warnings as errors, and every test that needs no server'
	@echo 'make test      every test, on a scratch cluster of its own'
	@echo 'make golden    accept new expected output; read the diff'
	@echo 'make bench     TPC-H: cost ratio, time, what-if calls, calls per second beside a bare libpq loop (SCALE=1);'
	@echo '               the gate beside the parser alone and pglast; the MCP server beside its peers, and under load;'
	@echo '               the health checks on 10,000 tables beside their peers; what a policy costs'
	@echo 'make soak      the MCP server among clients that leave, stall and babble (MINUTES=30)'
	@echo 'make fuzz      libFuzzer over parse, judge, deparse under AddressSanitizer (SECONDS_TO_RUN=600)'
	@echo 'make parsers   builds against the libpg_query of PostgreSQL 17 and 18, and tests what depends on it'
	@echo 'make test-matrix  every suite that asks a server, against PostgreSQL 13, 15, 17 and 18'
	@echo 'make release   .build/release/pgadvisor'
	@echo 'make format    swift format in place'
	@echo 'make clean     remove what was built'

packages:
	@Scripts/install-packages

.build/tmp:
	@mkdir -p $@

build: | .build/tmp
	$(SWIFT) build --build-tests $(STRICT)

release: | .build/tmp
	@Scripts/install-packages build
	$(SWIFT) build -c release $(STATIC) --product pgadvisor

lint: | .build/tmp
	$(SWIFT) format lint --strict --configuration .swift-format --recursive --parallel Sources Tests Package.swift

format: | .build/tmp
	$(SWIFT) format --in-place --configuration .swift-format --recursive --parallel Sources Tests Package.swift

check:
	@Scripts/install-packages build
	@$(MAKE) --no-print-directory lint build
	@PGADVISOR_NO_SERVER=1 Scripts/test

test: packages
	@$(MAKE) --no-print-directory build
	@Scripts/test

golden: packages
	@$(MAKE) --no-print-directory build
	@PGADVISOR_GOLDEN=accept Scripts/test

bench: packages
	@$(MAKE) --no-print-directory release
	@Benchmarks/tpch/run
	@Benchmarks/tuning/run tpch
	@Benchmarks/judge/run
	@Benchmarks/mcp/run
	@Benchmarks/health/run
	@Benchmarks/policy/run

soak: packages
	@$(MAKE) --no-print-directory release
	@PGADVISOR=.build/release/pgadvisor Benchmarks/mcp/soak --minutes $(or $(MINUTES),30)

test-matrix: packages
	@$(MAKE) --no-print-directory build
	@Scripts/server-matrix

parsers: packages
	@Scripts/parser-matrix

fuzz:
	@Scripts/install-packages build
	@Scripts/fuzz

demo:
	@Scripts/demo

clean:
	rm -rf .build
