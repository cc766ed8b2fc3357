#!/usr/bin/env bash
# Time from exec to the first PONG, in milliseconds: the median of RUNS starts.
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

RUNS=${RUNS:-20}

choose_servers
describe_run
printf '%-8s %10s %10s %10s   (ms, %s starts)\n' server median min max "$RUNS"
for server in "${SERVERS[@]}"; do
    read -r median minimum maximum < <(python3 "$BENCH_DIR/lib/startup.py" "${EXECUTABLE[$server]}" "$BASE_PORT" "$RUNS")
    printf '%-8s %10s %10s %10s\n' "$server" "$median" "$minimum" "$maximum"
done
