#!/usr/bin/env bash
# Runs every test project of a solution that was built, and sums up: the last line is "N passed, N failed, N skipped".
# usage: run-all.sh SOLUTION CONFIGURATION [arguments of dotnet test]
# Tests that take many minutes (tag soak) run only when --filter asks for them: make test ARGS='--filter tag=soak'
set -uo pipefail

solution=$1
configuration=$2
shift 2

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
filter=(--filter 'tag!=soak')
if [[ " $* " == *" --filter "* ]]; then filter=(); fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT

dotnet test "$solution" -c "$configuration" --no-build --nologo \
    --blame-hang --blame-hang-timeout 10m --blame-hang-dump-type none "${filter[@]}" "$@" </dev/null 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

# The failures once more, where nobody has to search for them.
if grep -q '^  Failed ' "$log"; then
    echo "The tests that failed:"
    awk '/^  Failed / { lines = 12 } lines-- > 0' "$log"
fi

# Each project reports "Passed!  - Failed:     0, Passed:    26, Skipped:     0, Total: ..."
awk '
    match($0, /Failed: +[0-9]+, Passed: +[0-9]+, Skipped: +[0-9]+/) {
        split(substr($0, RSTART, RLENGTH), field, /[^0-9]+/)
        failed += field[2]; passed += field[3]; skipped += field[4]; projects++
    }
    END {
        printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
        exit projects == 0 || failed > 0
    }' "$log" || status=1
exit "$status"
