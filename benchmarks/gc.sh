#!/usr/bin/env bash
# What the collector does under load: the gc_* fields of our INFO before and after DURATION seconds of SET and GET.
#   DURATION=60 KEYS=1000000
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

DURATION=${DURATION:-60}
KEYS=${KEYS:-1000000}
VALUE=$(printf 'v%.0s' {1..64})

gc_fields() {
    redis-cli -p "${PORT[ours]}" INFO everything | tr -d '\r' | grep '^gc_' || true
}

choose_servers
start_server ours
python3 "$BENCH_DIR/lib/fill.py" "${PORT[ours]}" "$KEYS" 16 64
before=$(gc_fields)
if [[ -z $before ]]; then
    echo "$OURS has no gc_* fields in INFO." >&2
    exit 1
fi

# -l repeats until it is ended.
redis-benchmark -p "${PORT[ours]}" -l -n 1000000 -c 25 -P 16 -r "$KEYS" -q SET key:__rand_int__ "$VALUE" >"$WORK/set" 2>&1 &
PID[set]=$!
redis-benchmark -p "${PORT[ours]}" -l -n 1000000 -c 25 -P 16 -r "$KEYS" -q GET key:__rand_int__ >"$WORK/get" 2>&1 &
PID[get]=$!
commands_before=$(info_field ours total_commands_processed)
sleep "$DURATION"
after=$(gc_fields)
commands=$(($(info_field ours total_commands_processed) - commands_before))

echo "# $commands commands in $DURATION s"
printf '%-32s %16s %16s %16s\n' field before after difference
join -t: <(sort <<<"$before") <(sort <<<"$after") \
    | awk -F: '{ printf "%-32s %16s %16s %16s\n", $1, $2, $3, $3 - $2 }'
