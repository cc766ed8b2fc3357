#!/usr/bin/env bash
# Publish and subscribe side by side: messages per second to 100 subscribers of one channel, and memory of a million channels.
#
#   benchmarks/pubsub.sh [CHANNELS]

source "$(dirname "$0")/lib/common.sh"
CHANNELS=${1:-1000000}
PUBLISHES=${PUBLISHES:-20000}
LOAD="$BENCH_DIR/lib/pubsub.py"

cpu_ms() {
    awk -v ticks="$(getconf CLK_TCK)" '{ printf "%d", ($14 + $15) * 1000 / ticks }' "/proc/${PID[$1]}/stat"
}

choose_servers
build_program subscribers
for name in "${SERVERS[@]}"; do start_server "$name" --client-output-buffer-limit "pubsub 0 0 0"; done

for depth in 1 16; do
    for round in 1 2 3; do
        for name in "${SERVERS[@]}"; do
            before=$(cpu_ms "$name")
            rate=$("$WORK/subscribers" "${PORT[$name]}" 100 "$depth" $((depth == 1 ? PUBLISHES : PUBLISHES * 10)) 64)
            echo "$name, $depth at a time: $rate, $(($(cpu_ms "$name") - before)) ms of CPU"
        done
    done
done

for clients in 1 1000; do
    for name in "${SERVERS[@]}"; do
        echo "$name, $CHANNELS channels, $clients clients: $(python3 "$LOAD" "${PORT[$name]}" "$CHANNELS" "$clients")"
    done
done
