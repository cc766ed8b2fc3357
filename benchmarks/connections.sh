#!/usr/bin/env bash
# Resident memory per idle connection, each of which has sent one PING.
#   CONNECTIONS=10000 SETTLE_SECONDS=5
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

CONNECTIONS=${CONNECTIONS:-10000}
SETTLE_SECONDS=${SETTLE_SECONDS:-5} # the servers shrink the buffers of idle clients from their timers

if ! ulimit -n $((CONNECTIONS + 1000)) 2>/dev/null && (($(ulimit -n) < CONNECTIONS + 1000)); then
    echo "ulimit -n is $(ulimit -n): too low for $CONNECTIONS connections." >&2
    exit 1
fi

choose_servers
describe_run
printf '%-8s %14s   (%s connections)\n' server rss/connection "$CONNECTIONS"
for server in "${SERVERS[@]}"; do
    start_server "$server" --maxclients $((CONNECTIONS + 100))
    before=$(rss_bytes "$server")
    coproc IDLE { exec python3 "$BENCH_DIR/lib/idle.py" "${PORT[$server]}" "$CONNECTIONS"; }
    idle_pid=$IDLE_PID
    read -r _ <&"${IDLE[0]}"
    sleep "$SETTLE_SECONDS"
    printf '%-8s %14d\n' "$server" $((($(rss_bytes "$server") - before) / CONNECTIONS))
    kill "$idle_pid"
    wait "$idle_pid" 2>/dev/null || true
    stop_server "$server"
done
