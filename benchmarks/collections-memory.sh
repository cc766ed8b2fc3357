#!/usr/bin/env bash
# Memory per collection: growth of used_memory over so many of each kind, and the ratio of ours to the others.
# Kinds whose commands one of the servers does not have are left out.
# usage: collections-memory.sh [kind ...]     SCALE=1 (2 doubles the number of collections)
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

SCALE=${SCALE:-1}
ONLY=" $* "

# name | command that must be there | kind | collections | elements | value bytes
KINDS=(
    "hash-10-fields|HSET|hash|20000|10|20"
    "list-100x20|RPUSH|list|5000|100|20"
    "intset-100|SADD|intset|10000|100|0"
    "set-1000|SADD|set|500|1000|0"
    "zset-1000|ZADD|zset|500|1000|0"
    "hash-100000-fields|HSET|hash|2|100000|20"
)

# growth SERVER KIND COLLECTIONS ELEMENTS VALUE_BYTES: prints bytes per collection.
growth() {
    local before after
    redis-cli -p "${PORT[$1]}" FLUSHALL SYNC >/dev/null
    before=$(info_field "$1" used_memory)
    python3 "$BENCH_DIR/lib/fill-collections.py" "${PORT[$1]}" "$2" "$3" "$4" "$5"
    after=$(info_field "$1" used_memory)
    awk -v grown=$((after - before)) -v count="$3" 'BEGIN { printf "%.1f\n", grown / count }'
}

choose_servers
describe_run
for server in "${SERVERS[@]}"; do start_server "$server"; done

others=()
for server in "${SERVERS[@]}"; do if [[ $server != ours ]]; then others+=("$server"); fi; done
echo "# used_memory in bytes per collection, its key and entry included (ratio: lower is better)"
printf '%-22s' collection
printf '%14s' "${SERVERS[@]}"
printf '%14s' "${others[@]/#/ours/}"
echo
for line in "${KINDS[@]}"; do
    IFS='|' read -r name command kind collections elements value_bytes <<<"$line"
    if [[ $ONLY != "  " && $ONLY != *" $name "* ]]; then continue; fi
    declare -A bytes=()
    is_missing=
    for server in "${SERVERS[@]}"; do
        if ! has_command "$server" "$command"; then echo "$name: $server has no $command" >&2; is_missing=yes; continue; fi
        bytes[$server]=$(growth "$server" "$kind" $((collections * SCALE)) "$elements" "$value_bytes")
    done
    if [[ -n $is_missing ]]; then continue; fi
    printf '%-22s' "$name"
    for server in "${SERVERS[@]}"; do printf '%14s' "${bytes[$server]}"; done
    for server in "${others[@]}"; do
        awk -v ours="${bytes[ours]}" -v other="${bytes[$server]}" 'BEGIN { printf "%14.2f", ours / other }'
    done
    echo
done
