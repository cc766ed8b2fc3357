#!/usr/bin/env bash
# Latency of GET and SET without pipelining, as redis-benchmark sees it: p50, p99, p99.9, max in milliseconds.
# Each server is warmed up first (ours compiles its code while it runs), and the servers take turns in each round.
#   REQUESTS=500000 CLIENTS=50 KEYS=1000000 WARMUP=200000 ROUNDS=1
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

REQUESTS=${REQUESTS:-500000}
CLIENTS=${CLIENTS:-50}
KEYS=${KEYS:-1000000}
WARMUP=${WARMUP:-200000}
ROUNDS=${ROUNDS:-1}
VALUE=$(printf 'v%.0s' {1..64})

# The distribution has a line for each step; a percentile is the first step that reaches it. Behind it comes a histogram
# of the same form, which is left out.
read_percentiles() {
    tr '\r' '\n' | awk '
        /Cumulative distribution/ { is_histogram = 1 }
        !is_histogram && /^[0-9.]+% <= [0-9.]+ milliseconds/ {
            share = $1 + 0
            max = $3
            if (!p50 && share >= 50) p50 = $3
            if (!p99 && share >= 99) p99 = $3
            if (!p999 && share >= 99.9) p999 = $3
        }
        END { printf "%10s %10s %10s %10s\n", p50, p99, p999, max }'
}

choose_servers
describe_run
echo "# $REQUESTS requests, $CLIENTS clients, pipeline 1, milliseconds"
printf '%-6s %-8s %10s %10s %10s %10s\n' what server p50 p99 p99.9 max
for server in "${SERVERS[@]}"; do
    start_server "$server"
    python3 "$BENCH_DIR/lib/fill.py" "${PORT[$server]}" "$KEYS" 16 64
done
COMMANDS=("GET key:__rand_int__" "SET key:__rand_int__ $VALUE")

# load SERVER REQUESTS COMMAND...
load() {
    local server=$1 requests=$2
    shift 2
    redis-benchmark -p "${PORT[$server]}" -n "$requests" -c "$CLIENTS" -r "$KEYS" --precision 3 "$@" 2>/dev/null
}

for command in "${COMMANDS[@]}"; do
    read -ra arguments <<<"$command"
    for server in "${SERVERS[@]}"; do load "$server" "$WARMUP" "${arguments[@]}" >/dev/null; done
done
for ((round = 1; round <= ROUNDS; round++)); do
    for command in "${COMMANDS[@]}"; do
        read -ra arguments <<<"$command"
        for server in "${SERVERS[@]}"; do
            printf '%-6s %-8s ' "${arguments[0]}" "$server"
            load "$server" "$REQUESTS" "${arguments[@]}" | read_percentiles
        done
    done
done
