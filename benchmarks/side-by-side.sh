#!/usr/bin/env bash
# Throughput and CPU per request of ours, redis-server and an optional third (PEER=path) in one run, in alternating rounds.
# usage: side-by-side.sh [--short] [workload ...]
#   ROUNDS=3 REQUESTS=2000000 KEYS=1000000 CLIENTS=50
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

KEYS=${KEYS:-1000000}
CLIENTS=${CLIENTS:-50}
if [[ ${1:-} == --short ]]; then
    shift
    ROUNDS=${ROUNDS:-2} REQUESTS=${REQUESTS:-500000}
fi
ROUNDS=${ROUNDS:-3}
REQUESTS=${REQUESTS:-2000000}
ONLY=" $* "

VALUE=$(printf 'v%.0s' {1..64})
KEY=key:__rand_int__
MSET_ARGUMENTS=$(printf "$KEY $VALUE %.0s" {1..10})

# name | pipeline | divisor of REQUESTS | command
WORKLOADS=(
    "PING-P16|16|1|PING"
    "SET-P16|16|1|SET $KEY $VALUE"
    "GET-P16|16|1|GET $KEY"
    "INCR-P16|16|1|INCR counter:__rand_int__"
    "MSET10-P16|16|10|MSET $MSET_ARGUMENTS"
    "SETRANGE-P16|16|1|SETRANGE $KEY 10 abcdef"
    "GETBIT-P16|16|1|GETBIT $KEY 100"
    "SET-P1|1|5|SET $KEY $VALUE"
    "GET-P1|1|5|GET $KEY"
)

choose_servers
describe_run
echo "# $CLIENTS clients, $KEYS keys, values of ${#VALUE} bytes, $ROUNDS rounds of $REQUESTS requests (P1: a fifth, MSET: a tenth)"
for server in "${SERVERS[@]}"; do
    start_server "$server"
    python3 "$BENCH_DIR/lib/fill.py" "${PORT[$server]}" "$KEYS" 16 64
done

for ((round = 1; round <= ROUNDS; round++)); do
    for workload in "${WORKLOADS[@]}"; do
        IFS='|' read -r name pipeline divisor command <<<"$workload"
        if [[ $ONLY != "  " && $ONLY != *" $name "* ]]; then continue; fi
        read -ra arguments <<<"$command"
        for server in "${SERVERS[@]}"; do
            echo "round $round: $name, $server" >&2
            printf '%s\t%s\t%s\n' "$name" "$server" "$(measure "$server" "$pipeline" $((REQUESTS / divisor)) "${arguments[@]}")"
        done
    done
done >"$WORK/samples"
python3 "$BENCH_DIR/lib/table.py" <"$WORK/samples"
