#!/usr/bin/env bash
# What a background save costs: ours by fork, ours by a thread, and redis-server, under a load of writes without pipelining.
# Two scenarios: many small keys, overwritten at random; and lists, pushed to and popped from at random.
#   KEYS=10000000        small keys, values of VALUE_BYTES=64
#   LISTS=50000          lists of LIST_ELEMENTS=250 elements of ELEMENT_BYTES=200
#   CLIENTS=50 IDLE_SECONDS=5 ROUNDS=1 SCENARIOS="small lists" SAVE=BGSAVE
# With SAVE=BGREWRITEAOF it is the append-only file that is written anew, with appendfsync no.
# "spin" is no save but a process that only uses a processor: what any third busy thread costs the other two on this machine.
# With OWN_PROCESSOR=yes the command thread and the load share processor 0, with and without a save, and the save has processor 1
# for itself: what it costs where it need not take a processor from others.
# One server at a time: the dataset is loaded once per server, the saves follow each other.
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

KEYS=${KEYS:-10000000}
VALUE_BYTES=${VALUE_BYTES:-64}
LISTS=${LISTS:-50000}
LIST_ELEMENTS=${LIST_ELEMENTS:-250}
ELEMENT_BYTES=${ELEMENT_BYTES:-200}
CLIENTS=${CLIENTS:-50}
IDLE_SECONDS=${IDLE_SECONDS:-5}
ROUNDS=${ROUNDS:-1}
SCENARIOS=${SCENARIOS:-small lists}
SAVE=${SAVE:-BGSAVE}
OWN_PROCESSOR=${OWN_PROCESSOR:-no}
if [[ $OWN_PROCESSOR == yes ]]; then export LOAD_CPULIST=0 SAVE_CPULIST=1; fi

# fill SERVER SCENARIO
fill() {
    case $2 in
        small) python3 "$BENCH_DIR/lib/fill.py" "${PORT[$1]}" "$KEYS" 16 "$VALUE_BYTES" ;;
        lists) python3 "$BENCH_DIR/lib/fill-collections.py" "${PORT[$1]}" list "$LISTS" "$LIST_ELEMENTS" "$ELEMENT_BYTES" 12 ;;
    esac
}

# load_of SCENARIO: number of keys and command, one word a line.
load_of() {
    case $1 in
        small) printf '%s\n' "$KEYS" SET key:__rand_int__ "$(printf "%${VALUE_BYTES}s" | tr ' ' w)" ;;
        lists) printf '%s\n' "$LISTS" LSET list:__rand_int__ 7 "$(printf "%${ELEMENT_BYTES}s" | tr ' ' w)" ;;
    esac
}

# save_under_load SERVER LABEL SCENARIO SAVE
save_under_load() {
    local -a words
    mapfile -t words < <(load_of "$3")
    if [[ $1 == ours ]]; then
        local by_thread=no
        if [[ $2 == thread ]]; then by_thread=yes; fi
        redis-cli -p "${PORT[$1]}" CONFIG SET threadsave-enabled-for-backup $by_thread >/dev/null
    fi
    local line
    line=$(python3 "$BENCH_DIR/lib/save-under-load.py" \
        "${PORT[$1]}" "$(server_pid "$1")" "$CLIENTS" "${words[0]}" "$IDLE_SECONDS" "$4" -- "${words[@]:1}")
    IFS=$'\t' read -ra fields <<<"$line"
    printf '%-6s %-7s %7s %7s %7s %7s  %8s %7s %7s %7s  %8s %7s %7s %7s  %5.2f\n' "$3" "$2" "${fields[@]}" \
        "$(awk -v with="${fields[8]}" -v without="${fields[4]}" 'BEGIN { print with / without }')"
}

server_pid() {
    redis-cli -p "${PORT[$1]}" INFO server | tr -d '\r' | awk -F: '$1 == "process_id" { print $2 }'
}

choose_servers
describe_run
echo "# small: $KEYS keys of $VALUE_BYTES bytes, SET at random; lists: $LISTS of $LIST_ELEMENTS elements of $ELEMENT_BYTES bytes, LSET at random"
echo "# $CLIENTS clients, pipeline 1, the save on a processor of its own: $OWN_PROCESSOR; memory in MB (cow: what INFO says), latency in milliseconds, ratio: throughput during the save"
printf '%-6s %-7s %7s %7s %7s %7s  %8s %7s %7s %7s  %8s %7s %7s %7s  %5s\n' \
    data server seconds rss peak cow idle-rps p99 p99.9 max save-rps p99 p99.9 max ratio
for scenario in $SCENARIOS; do
    for server in "${SERVERS[@]}"; do
        options=()
        if [[ $SAVE == BGREWRITEAOF ]]; then options=(--appendonly yes --appendfsync no --auto-aof-rewrite-percentage 0); fi
        saves=("$server|$SAVE")
        if [[ $server == ours ]]; then
            options+=(--forkless-options-supported yes)
            saves=("fork|$SAVE" "thread|$SAVE" "spin|spin")
        fi
        if [[ $OWN_PROCESSOR == yes ]]; then options+=(--server_cpulist 0 --bgsave_cpulist 1 --aof_rewrite_cpulist 1); fi
        start_server "$server" "${options[@]}"
        fill "$server" "$scenario"
        for ((round = 1; round <= ROUNDS; round++)); do
            for save in "${saves[@]}"; do save_under_load "$server" "${save%%|*}" "$scenario" "${save#*|}"; done
        done
        stop_server "$server"
        unset "PORT[$server]"
        rm -rf "${WORK:?}/$server" # the next one must not load what this one saved
    done
done
