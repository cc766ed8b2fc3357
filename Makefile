# Builds, tests and installs with the .NET SDK; everything lands in artifacts/bin/.
#
#   make                      build the server, its plugins and the sample modules
#   make run [CONF=…] [ARGS=…]   build and start the server
#   make test [ARGS=…]        install what the tests need, build, run every test project
#   make bench                side-by-side figures against redis-server (short)
#   make lint | format        check the layout of the code | repair it
#   make install PREFIX=…     bin/valkey-server and lib/valkey/…; uninstall takes them away
#
#   V=1                       show the commands
#   MALLOC=libc|jemalloc      allocator that the launcher chooses by default
#   PROG_SUFFIX=-9            suffix of the installed programs
#   USE_REDIS_SYMLINKS=no     install no redis-* names
#   DESTDIR=…                 staging folder in front of PREFIX

CONFIGURATION ?= Release
PREFIX ?= /usr/local
DESTDIR ?=
PROG_SUFFIX ?=
MALLOC ?= jemalloc
USE_REDIS_SYMLINKS ?= yes
CONF ?= valkey.conf
ARGS ?=

SOLUTION = Valkey.sln
BIN = artifacts/bin
LAUNCHER = tools/launcher/valkey-server.sh
INSTALL_BIN = $(DESTDIR)$(PREFIX)/bin
INSTALL_LIB = $(DESTDIR)$(PREFIX)/lib/valkey
DOTNET = DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en dotnet

ifeq ($(V),1)
Q =
VERBOSITY = normal
else
Q = @
VERBOSITY = quiet
endif

.PHONY: all build run test bench lint format install uninstall clean distclean

all: build

build:
	$(Q)$(DOTNET) build $(SOLUTION) -c $(CONFIGURATION) -v $(VERBOSITY) -maxcpucount -nodeReuse:false
	$(Q)mkdir -p $(BIN)
	$(Q)sed '1a : "$${MALLOC:=$(MALLOC)}"' $(LAUNCHER) > $(BIN)/valkey-server.new
	$(Q)chmod 755 $(BIN)/valkey-server.new
	$(Q)for tool in valkey-check-rdb valkey-check-aof; do \
		cp $(BIN)/valkey-server.new $(BIN)/$$tool.new && mv -f $(BIN)/$$tool.new $(BIN)/$$tool || exit 1; \
	done
	$(Q)mv -f $(BIN)/valkey-server.new $(BIN)/valkey-server

run: build
	$(Q)$(BIN)/valkey-server $(wildcard $(CONF)) $(ARGS)

test:
	$(Q)tests/install-tools.sh
	$(Q)$(MAKE) --no-print-directory build
	$(Q)tests/run-all.sh $(SOLUTION) $(CONFIGURATION) $(ARGS)

bench: build
	$(Q)benchmarks/side-by-side.sh --short
	$(Q)benchmarks/memory.sh
	$(Q)benchmarks/startup.sh

lint:
	$(Q)$(DOTNET) format $(SOLUTION) --verify-no-changes

format:
	$(Q)$(DOTNET) format $(SOLUTION)

# The layout of artifacts/bin is kept under lib/valkey; bin/ holds links into it, which the launcher follows.
install: build
	$(Q)mkdir -p $(INSTALL_BIN) $(INSTALL_LIB)
	$(Q)rm -rf $(INSTALL_LIB)/lib $(INSTALL_LIB)/plugins
	$(Q)cp -R $(BIN)/lib $(INSTALL_LIB)/
	$(Q)if [ -d $(BIN)/plugins ]; then cp -R $(BIN)/plugins $(INSTALL_LIB)/; fi
	$(Q)for program in $(BIN)/valkey-*; do \
		name=$$(basename "$$program"); \
		cp "$$program" "$(INSTALL_LIB)/$$name"; \
		ln -sf "../lib/valkey/$$name" "$(INSTALL_BIN)/$$name$(PROG_SUFFIX)"; \
		if [ "$(USE_REDIS_SYMLINKS)" != no ]; then \
			ln -sf "$$name$(PROG_SUFFIX)" "$(INSTALL_BIN)/redis-$${name#valkey-}$(PROG_SUFFIX)"; \
		fi; \
	done

# Only links that lead into what was installed are taken away: another package may own the redis-* names.
uninstall:
	$(Q)for program in $(INSTALL_LIB)/valkey-*; do \
		name=$$(basename "$$program"); \
		for link in "$(INSTALL_BIN)/redis-$${name#valkey-}$(PROG_SUFFIX)" "$(INSTALL_BIN)/$$name$(PROG_SUFFIX)"; do \
			if [ -L "$$link" ] && [ "$$(readlink -f "$$link")" = "$$(readlink -f "$$program")" ]; then rm "$$link"; fi; \
		done; \
	done
	$(Q)rm -rf $(INSTALL_LIB)

clean:
	$(Q)rm -rf artifacts
	$(Q)find . -name .git -prune -o -type d -name bin -prune -exec rm -rf {} +

distclean: clean
	$(Q)find . -name .git -prune -o -type d \( -name obj -o -name TestResults \) -prune -exec rm -rf {} +
