#!/usr/bin/env bash
# Publish and subscribe side by side: messages per second to 100 subscribers of one channel, and memory of a million channels.
#
#   benchmarks/pubsub.sh [CHANNELS]

source "$(dirname "$0")/lib/common.sh"
CHANNELS=${1:-1000000}
LOAD="$BENCH_DIR/lib/pubsub.py"

choose_servers
for name in "${SERVERS[@]}"; do start_server "$name" --client-output-buffer-limit "pubsub 0 0 0"; done

for depth in 1 16; do
    for round in 1 2 3; do
        for name in "${SERVERS[@]}"; do
            publishes=$((depth == 1 ? 4000 : 20000))
            echo "$name, $depth at a time: $(python3 "$LOAD" messages "${PORT[$name]}" "${PID[$name]}" 100 "$depth" "$publishes")"
        done
    done
done

for clients in 1 1000; do
    for name in "${SERVERS[@]}"; do
        echo "$name, $CHANNELS channels, $clients clients: $(python3 "$LOAD" memory "${PORT[$name]}" "$CHANNELS" "$clients")"
    done
done
