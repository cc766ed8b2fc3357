#!/usr/bin/env bash
# Installs what the tests drive the server with, where it is missing: redis-server, redis-cli, redis-benchmark, tclsh, a C compiler,
# jemalloc. Without apt, or without the right to use it, the tests that need a missing tool skip themselves.
set -euo pipefail

JEMALLOC=libjemalloc.so.2

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
{ command -v redis-cli && command -v redis-benchmark; } >/dev/null || missing+=(redis-tools)
command -v tclsh >/dev/null || missing+=(tcl)
command -v cc >/dev/null || missing+=(gcc libc6-dev)
PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -q "$JEMALLOC" || missing+=(libjemalloc2)

if ((${#missing[@]} == 0)); then exit 0; fi
if ! command -v apt-get >/dev/null; then
    echo "Not installed, and there is no apt-get: ${missing[*]}. Tests that need them are skipped."
    exit 0
fi

as_root=()
if ((EUID != 0)); then
    if ! sudo -n true 2>/dev/null; then
        echo "Not installed, and there is no right to: ${missing[*]}. Tests that need them are skipped."
        exit 0
    fi
    as_root=(sudo -n)
fi

echo "Installing ${missing[*]}"
install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@" -qq </dev/null >/dev/null
}
install update || echo "apt-get update failed; trying with the lists that are here."
if ! install install -y --no-install-recommends "${missing[@]}"; then
    echo "Not installed: ${missing[*]}. Tests that need them are skipped."
    exit 0
fi

# The package starts a server of its own on 6379; nobody here asked for it.
if [[ " ${missing[*]} " == *" redis-server "* ]]; then
    "${as_root[@]}" systemctl disable --now redis-server >/dev/null 2>&1 \
        || "${as_root[@]}" service redis-server stop >/dev/null 2>&1 || true
fi
