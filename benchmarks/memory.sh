#!/usr/bin/env bash
# Memory per key: growth of used_memory and of the resident set over KEYS keys of 16 bytes with values of VALUE_BYTES.
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

KEYS=${KEYS:-1000000}
KEY_BYTES=16
VALUE_BYTES=${VALUE_BYTES:-64}

choose_servers
describe_run
echo "# $KEYS keys of $KEY_BYTES bytes, values of $VALUE_BYTES bytes; overhead = used_memory growth - key - value"
printf '%-8s %18s %18s %18s\n' server used_memory/key overhead/key rss/key
declare -A per_key
for server in "${SERVERS[@]}"; do
    start_server "$server"
    used_before=$(info_field "$server" used_memory)
    rss_before=$(rss_bytes "$server")
    python3 "$BENCH_DIR/lib/fill.py" "${PORT[$server]}" "$KEYS" "$KEY_BYTES" "$VALUE_BYTES"
    used=$(($(info_field "$server" used_memory) - used_before))
    rss=$(($(rss_bytes "$server") - rss_before))
    per_key[$server]="$used $rss"
    awk -v name="$server" -v used="$used" -v rss="$rss" -v keys="$KEYS" -v payload=$((KEY_BYTES + VALUE_BYTES)) \
        'BEGIN { printf "%-8s %18.1f %18.1f %18.1f\n", name, used / keys, used / keys - payload, rss / keys }'
    stop_server "$server"
done
for server in "${SERVERS[@]}"; do
    if [[ $server == ours ]]; then continue; fi
    awk -v other="$server" '{ printf "ours/%s: used_memory %.2f, rss %.2f\n", other, $1 / $3, $2 / $4 }' \
        <<<"${per_key[ours]} ${per_key[$server]}"
done
