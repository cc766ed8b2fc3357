#!/usr/bin/env bash
# How long saving and loading take, without clients: strings, and hashes of 50 fields. Seconds by the clock.
#   STRINGS=5000000 HASHES=100000 ROUNDS=2
# Each server is filled, saved by every way that it has, and started again on its file; the rounds' best counts.
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

STRINGS=${STRINGS:-5000000}
HASHES=${HASHES:-100000}
ROUNDS=${ROUNDS:-2}

now() { date +%s.%N; }

elapsed_since() { awk -v start="$1" -v end="$(now)" 'BEGIN { printf "%.2f\n", end - start }'; }

# background_save SERVER COMMAND...
background_save() {
    local server=$1 start
    shift
    start=$(now)
    redis-cli -p "${PORT[$server]}" "$@" >/dev/null
    while [[ $(info_field "$server" rdb_bgsave_in_progress) != 0 ]]; do sleep 0.01; done
    elapsed_since "$start"
}

foreground_save() {
    local start
    start=$(now)
    redis-cli -p "${PORT[$1]}" SAVE >/dev/null
    elapsed_since "$start"
}

# load SERVER: what the server itself says about loading its file after a restart.
load() {
    stop_server "$1"
    unset "PORT[$1]"
    start_server "$1" "${OPTIONS[@]}"
    grep -o 'DB loaded from disk: [0-9.]*' "$WORK/$1/log" | tail -1 | awk '{ printf "%.2f\n", $5 }'
}

best() { sort -n | head -1; }

choose_servers
describe_run
printf '%-8s %-7s %8s %8s %8s %8s\n' data server save fork thread load
for data in strings hashes; do
    for server in "${SERVERS[@]}"; do
        OPTIONS=()
        if [[ $server == ours ]]; then OPTIONS=(--forkless-options-supported yes); fi
        start_server "$server" "${OPTIONS[@]}"
        if [[ $data == strings ]]; then python3 "$BENCH_DIR/lib/fill.py" "${PORT[$server]}" "$STRINGS" 16 64
        else python3 "$BENCH_DIR/lib/fill-collections.py" "${PORT[$server]}" hash "$HASHES" 50 20; fi
        saves='' forks='' threads='' loads=''
        for ((round = 1; round <= ROUNDS; round++)); do
            saves+=$(foreground_save "$server")$'\n'
            if [[ $server == ours ]]; then
                forks+=$(background_save "$server" BGSAVE FORK)$'\n'
                threads+=$(background_save "$server" BGSAVE THREAD)$'\n'
            else
                forks+=$(background_save "$server" BGSAVE)$'\n'
                threads+=$'-\n'
            fi
        done
        for ((round = 1; round <= ROUNDS; round++)); do
            load "$server" >"$WORK/loaded" # not in a subshell: it starts a server
            loads+=$(<"$WORK/loaded")$'\n'
        done
        printf '%-8s %-7s %8s %8s %8s %8s\n' "$data" "$server" "$(best <<<"${saves%$'\n'}")" "$(best <<<"${forks%$'\n'}")" \
            "$(best <<<"${threads%$'\n'}")" "$(best <<<"${loads%$'\n'}")"
        stop_server "$server"
        unset "PORT[$server]"
    done
done
