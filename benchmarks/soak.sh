#!/usr/bin/env bash
# Mixed commands with expiry and eviction at a memory limit, for long: does memory stay where it should?
# usage: soak.sh [COUNT]   (default 50,000,000 commands)   SERVER=ours|redis|peer MAXMEMORY=200mb INTERVAL=10
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

COUNT=${1:-50000000}
SERVER=${SERVER:-ours}
MAXMEMORY=${MAXMEMORY:-200mb}
INTERVAL=${INTERVAL:-10}
KEYS=5000000
SMALL=$(printf 's%.0s' {1..64})
LARGE=$(printf 'l%.0s' {1..1500})
KEY=key:__rand_int__

LOADS=(
    "SET $KEY $SMALL"
    "SET $KEY $SMALL PX 2000"
    "SET $KEY $LARGE EX 5"
    "GET $KEY"
    "APPEND $KEY tail"
    "INCR counter:__rand_int__"
    "EXPIRE $KEY 3"
    "DEL $KEY"
)

report() {
    printf '%8s %14s %14s %14s %12s %12s %12s\n' "${1}s" "$(info_field "$SERVER" total_commands_processed)" \
        "$(info_field "$SERVER" used_memory)" "$(rss_bytes "$SERVER")" "$(redis-cli -p "${PORT[$SERVER]}" DBSIZE)" \
        "$(info_field "$SERVER" expired_keys)" "$(info_field "$SERVER" evicted_keys)"
}

choose_servers
if [[ -z ${EXECUTABLE[$SERVER]:-} ]]; then echo "No such server: $SERVER" >&2; exit 1; fi
start_server "$SERVER" --maxmemory "$MAXMEMORY" --maxmemory-policy allkeys-lru
echo "# $("${EXECUTABLE[$SERVER]}" --version | head -1): $COUNT commands at $MAXMEMORY"
printf '%8s %14s %14s %14s %12s %12s %12s\n' time commands used_memory rss keys expired evicted

load_pids=()
for load in "${LOADS[@]}"; do
    read -ra arguments <<<"$load"
    redis-benchmark -p "${PORT[$SERVER]}" -n $((COUNT / ${#LOADS[@]})) -c 5 -P 16 -r "$KEYS" -q "${arguments[@]}" \
        >"$WORK/load" 2>&1 &
    load_pids+=($!)
    PID[load-$!]=$! # ended with the script
done

is_loading() {
    local pid
    for pid in "${load_pids[@]}"; do
        if kill -0 "$pid" 2>/dev/null; then return 0; fi
    done
    return 1
}

start=$SECONDS
while is_loading; do
    report $((SECONDS - start))
    sleep "$INTERVAL"
done
failed=0
for pid in "${load_pids[@]}"; do wait "$pid" || failed=1; done
report $((SECONDS - start))
exit "$failed"
