#!/usr/bin/env bash
# Throughput and CPU per request of commands on lists, sets, hashes and sorted sets: ours, redis-server and an optional third
# (PEER=path) in one run, in alternating rounds. Each measurement starts with an empty server, or with one filled with as many
# elements as are popped. Commands that one of the servers does not have are left out.
# usage: collections.sh [--short] [workload ...]
#   ROUNDS=3 REQUESTS=1000000 KEYS=1000000 CLIENTS=50 PIPELINE=16
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

KEYS=${KEYS:-1000000}
CLIENTS=${CLIENTS:-50}
PIPELINE=${PIPELINE:-16}
if [[ ${1:-} == --short ]]; then
    shift
    ROUNDS=${ROUNDS:-2} REQUESTS=${REQUESTS:-300000}
fi
ROUNDS=${ROUNDS:-3}
REQUESTS=${REQUESTS:-1000000}
ONLY=" $* "

VALUE_BYTES=20
VALUE=$(printf 'v%.0s' $(seq $VALUE_BYTES))

# name | what to fill: kind and elements | divisor of REQUESTS | command
WORKLOADS=(
    "LPUSH||1|LPUSH list:0 $VALUE"
    "RPOP|list $REQUESTS|1|RPOP list:0"
    "SADD||1|SADD set:0 element:__rand_int__"
    "SPOP|set $REQUESTS|1|SPOP set:0"
    "HSET||1|HSET hash:0 field:__rand_int__ $VALUE"
    "ZADD||1|ZADD zset:0 __rand_int__ element:__rand_int__"
    "ZPOPMIN|zset $REQUESTS|1|ZPOPMIN zset:0"
    "LRANGE_100|list 1000|10|LRANGE list:0 0 99"
)

# Whether all servers have the command.
is_common() {
    local server
    for server in "${SERVERS[@]}"; do
        if ! has_command "$server" "$1"; then echo "$server has no $1" >&2; return 1; fi
    done
}

# prepare SERVER FILLING: empties the server and fills it.
prepare() {
    local -a filling
    redis-cli -p "${PORT[$1]}" FLUSHALL >/dev/null
    read -ra filling <<<"$2"
    if [[ ${#filling[@]} -gt 0 ]]; then
        python3 "$BENCH_DIR/lib/fill-collections.py" "${PORT[$1]}" "${filling[0]}" 1 "${filling[1]}" "$VALUE_BYTES"
    fi
}

choose_servers
describe_run
echo "# $CLIENTS clients, pipeline $PIPELINE, $ROUNDS rounds of $REQUESTS requests (LRANGE_100: a tenth)"
echo "# one key, values of $VALUE_BYTES bytes, $KEYS random numbers"
for server in "${SERVERS[@]}"; do start_server "$server"; done

# Round 0 is shorter and not counted: code and data come to where they will be.
for ((round = 0; round <= ROUNDS; round++)); do
    for workload in "${WORKLOADS[@]}"; do
        IFS='|' read -r name filling divisor command <<<"$workload"
        if [[ $ONLY != "  " && $ONLY != *" $name "* ]]; then continue; fi
        read -ra arguments <<<"$command"
        is_common "${arguments[0]}" || continue
        for server in "${SERVERS[@]}"; do
            echo "round $round: $name, $server" >&2
            prepare "$server" "$filling"
            requests=$((REQUESTS / divisor / (round == 0 ? 4 : 1)))
            sample=$(measure "$server" "$PIPELINE" "$requests" "${arguments[@]}")
            if [[ $round -gt 0 ]]; then printf '%s\t%s\t%s\n' "$name" "$server" "$sample"; fi
        done
    done
done >"$WORK/samples"
python3 "$BENCH_DIR/lib/table.py" <"$WORK/samples"
