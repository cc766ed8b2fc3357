#!/usr/bin/env bash
# What appendfsync always costs: ours with the offload (replies wait, the command thread does not), ours without it, ours without
# an append-only file, and redis-server with appendfsync always. On the disk as it is, and on one whose every sync takes
# SLOW_SYNC_US=5000 microseconds longer (a preloaded library, the same for all servers).
# A disk of known speed, whatever the machine's is: TMPDIR=/dev/shm DISKS=fast FAST_SYNC_US=50 (sleeping takes some 50 more).
# The load "lite" is that of p1 by clients that cost the machine less than redis-benchmark does (lib/load.c).
#   CLIENTS=50 PIPELINE_CLIENTS=200 VALUE_BYTES=64 REQUESTS=200000 SLOW_REQUESTS=20000 ROUNDS=3
#   READ_REQUESTS=60000 READ_PAIRS=6 READ_INTERVAL_MS=700 WAKES_PER_SECOND=4800 WAKE_US=20
#   SYNC_WAKES_PER_SECOND=100 SYNC_WAKE_US=40
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

CLIENTS=${CLIENTS:-50}
PIPELINE_CLIENTS=${PIPELINE_CLIENTS:-200}
VALUE_BYTES=${VALUE_BYTES:-64}
REQUESTS=${REQUESTS:-200000}
SLOW_REQUESTS=${SLOW_REQUESTS:-20000}
READ_REQUESTS=${READ_REQUESTS:-60000}
READ_PAIRS=${READ_PAIRS:-6}
READ_INTERVAL_MS=${READ_INTERVAL_MS:-700}
WAKES_PER_SECOND=${WAKES_PER_SECOND:-4800}
WAKE_US=${WAKE_US:-20}
SYNC_WAKES_PER_SECOND=${SYNC_WAKES_PER_SECOND:-100}
SYNC_WAKE_US=${SYNC_WAKE_US:-40}
ROUNDS=${ROUNDS:-3}
SLOW_SYNC_US=${SLOW_SYNC_US:-5000}
FAST_SYNC_US=${FAST_SYNC_US:-0}
DISKS=${DISKS:-fast slow}
KEYS=100000
VARIANTS=(offload inline none redis)
CONTROL_WORDS=520
SYNC_COUNT_WORD=4
WRITE_ALLOWANCE_WORD=3

# set_word NAME INDEX VALUE, word_of NAME INDEX: the words that the preloaded disk and we share.
set_word() {
    python3 -c 'import struct, sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]) * 8)
    file.write(struct.pack("<q", int(sys.argv[3])))' "$WORK/$1.disk" "$2" "$3"
}

word_of() {
    od -A n -t d8 -j $(($2 * 8)) -N 8 "$WORK/$1.disk" | tr -d ' '
}

build_disk() {
    cc -O2 -shared -fPIC -o "$WORK/faultydisk.so" "$ROOT/tests/fixtures/FaultyDisk/faultydisk.c" -ldl
}

# start VARIANT
start() {
    local -a options=(--appendonly yes --appendfsync always --auto-aof-rewrite-percentage 0)
    EXECUTABLE[$1]=$OURS
    case $1 in
        offload | elsewhere) options+=(--bio-aof-offload-enabled yes) ;;
        none) options=() ;;
        redis) EXECUTABLE[redis]=$REDIS ;;
    esac
    head -c $((CONTROL_WORDS * 8)) /dev/zero >"$WORK/$1.disk"
    set_word "$1" "$WRITE_ALLOWANCE_WORD" -1
    LD_PRELOAD=$WORK/faultydisk.so FAULTY_DISK=$WORK/$1.disk start_server "$1" "${options[@]}"
}

# load VARIANT CLIENTS PIPELINE REQUESTS: rps, CPU microseconds per request, syncs per second, bytes per second of the file.
load() {
    local syncs before_bytes start_ns end_ns rate cpu
    syncs=$(word_of "$1" "$SYNC_COUNT_WORD")
    before_bytes=$(file_bytes "$1")
    start_ns=$(date +%s%N)
    IFS=$'\t' read -r rate cpu < <(CLIENTS=$2 measure "$1" "$3" "$4" SET key:__rand_int__ "$(printf "%${VALUE_BYTES}s" | tr ' ' v)")
    end_ns=$(date +%s%N)
    awk -v rate="$rate" -v cpu="$cpu" -v syncs=$(($(word_of "$1" "$SYNC_COUNT_WORD") - syncs)) \
        -v bytes=$(($(file_bytes "$1") - before_bytes)) -v ns=$((end_ns - start_ns)) \
        'BEGIN { printf "%9.0f %8.2f %9.0f %8.2f\n", rate, cpu, syncs / ns * 1e9, bytes / ns * 1e9 / 1048576 }'
}

file_bytes() {
    { find "$WORK/$1" -name '*.aof' -printf '%s\n' 2>/dev/null || true; } | awk '{ sum += $1 } END { print sum + 0 }'
}

# read_clean VARIANT REQUESTS: ten clients that read keys nobody writes; rps and p99 (milliseconds).
read_clean() {
    redis-benchmark -p "${PORT[$1]}" -n "$2" -c 10 -r 1000 --csv GET clean:__rand_int__ 2>/dev/null | awk -F'"' 'END { print $4, $14 }'
}

# read_beside VARIANT REQUESTS COMMAND...: the same alone and beside what the command does, in turn, as the machine is not the same from
# one second to the next. Prints the medians of READ_PAIRS such pairs.
read_beside() {
    local other pair alone calls start_ns
    "${@:3}" >/dev/null 2>&1 &
    other=$!
    for ((pair = 0; pair < READ_PAIRS; pair++)); do
        kill -STOP $other
        sleep 0.1
        alone=$(read_clean "$1" "$READ_REQUESTS")
        kill -CONT $other
        sleep 0.1
        calls=$(set_calls "$1") start_ns=$(date +%s%N)
        echo "$alone $(read_clean "$1" "$2") $((($(set_calls "$1") - calls) * 1000000000 / ($(date +%s%N) - start_ns)))"
    done | print_medians
    end_process $other
}

# read_both VARIANT [SETS_PER_SECOND]: the same by one program that has the readers and the writers, whose SETs are paced or not.
read_both() {
    "$WORK/readers" "${PORT[$1]}" 10 "$CLIENTS" "$READ_PAIRS" "$READ_INTERVAL_MS" "${@:2}" | print_medians
}

# print_medians: of lines that each hold rps and p99 alone, rps and p99 beside and SETs per second, the medians; before the last the
# medians of the ratios of a line.
print_medians() {
    python3 -c 'import statistics, sys
rows = [[float(word) for word in line.split()] for line in sys.stdin]
columns = [row[:4] + [row[2] / row[0], row[3] / row[1], row[4]] for row in rows]
print("%9.0f %8.3f %9.0f %8.3f %8.2f %8.2f %9.0f" % tuple(map(statistics.median, zip(*columns))))'
}

# print_readers SERVER COMPANY ROW
print_readers() {
    printf '%-8s %-10s %s\n' "$@"
}

# write_to VARIANT: until it is killed.
write_to() {
    exec redis-benchmark -p "${PORT[$1]}" -n 100000000 -c "$CLIENTS" -r "$KEYS" SET key:__rand_int__ value
}

# readers_beside DISK: ten readers beside all that may trouble them.
readers_beside() {
    local variant count row waker
    start elsewhere
    set_word elsewhere 0 "$(word_of offload 0)"
    echo "# ten clients read keys that nobody writes, alone and beside: $CLIENTS writers of their server; such writers of another one with the"
    echo "# offload; a process that wakes up $WAKES_PER_SECOND times a second for $WAKE_US microseconds, and has to do with no server"
    printf '%-8s %-10s %9s %8s %9s %8s %8s %8s %9s\n' server company alone p99-ms beside p99-ms rps-x p99-x writes/s
    for ((round = 1; round <= ROUNDS; round++)); do
        for variant in offload inline redis; do
            count=$READ_REQUESTS
            if [[ $variant != offload && $1 == slow ]]; then count=$((count / 20)); fi # they wait for the disk
            print_readers "$variant" writers "$(read_beside "$variant" "$count" write_to "$variant")"
            print_readers "$variant" elsewhere "$(read_beside "$variant" "$READ_REQUESTS" write_to elsewhere)"
        done
        print_readers offload waker "$(read_beside offload "$READ_REQUESTS" "$WORK/waker" "$WAKES_PER_SECOND" "$WAKE_US")"
    done
    echo "# one program has both, the $CLIENTS writers and the readers (lib/readers.c); \"paced\": no log, and as many SETs at even distances;"
    echo "# \"woken\": that, and all the time a process that wakes up $SYNC_WAKES_PER_SECOND times a second for $SYNC_WAKE_US microseconds, as who waits for a disk"
    for ((round = 1; round <= ROUNDS; round++)); do
        row=$(read_both offload)
        print_readers offload both "$row"
        print_readers none paced "$(read_both none "${row##* }")"
        "$WORK/waker" "$SYNC_WAKES_PER_SECOND" "$SYNC_WAKE_US" &
        waker=$!
        print_readers none woken "$(read_both none "${row##* }")"
        end_process $waker
        print_readers redis both "$(read_both redis)"
    done
}

set_calls() {
    info_field "$1" cmdstat_set | sed 's/^calls=\([0-9]*\).*/\1/'
}

for name in redis; do if [[ ! -x $REDIS ]]; then echo "redis-server is not there" >&2; exit 1; fi; done
build_disk
for program in waker readers; do build_program "$program"; done
EXECUTABLE[ours]=$OURS EXECUTABLE[redis]=$REDIS SERVERS=(ours redis)
describe_run
for disk in $DISKS; do
    delay=$FAST_SYNC_US requests=$REQUESTS
    if [[ $disk == slow ]]; then delay=$SLOW_SYNC_US requests=$SLOW_REQUESTS; fi
    for variant in "${VARIANTS[@]}"; do
        start "$variant"
        redis-benchmark -p "${PORT[$variant]}" -n 300000 -c 50 -P 16 -r "$KEYS" SET key:__rand_int__ warm >/dev/null 2>&1 || true
        set_word "$variant" 0 "$delay"
    done
    echo "# $disk disk: syncs take $delay microseconds longer"
    printf '%-8s %-8s %9s %8s %9s %8s\n' load server rps cpu-us syncs/s MB/s
    for ((round = 1; round <= ROUNDS; round++)); do
        for variant in "${VARIANTS[@]}"; do
            printf '%-8s %-8s %s\n' "c$CLIENTS-p1" "$variant" "$(load "$variant" "$CLIENTS" 1 "$requests")"
        done
        for variant in "${VARIANTS[@]}"; do
            printf '%-8s %-8s %s\n' "c$CLIENTS-lite" "$variant" "$(LOAD=lite load "$variant" "$CLIENTS" 1 "$requests")"
        done
        for variant in "${VARIANTS[@]}"; do
            printf '%-8s %-8s %s\n' "c$PIPELINE_CLIENTS-p16" "$variant" "$(load "$variant" "$PIPELINE_CLIENTS" 16 $((requests * 4)))"
        done
    done
    readers_beside "$disk"
    for variant in "${VARIANTS[@]}" elsewhere; do stop_server "$variant"; rm -rf "${WORK:?}/$variant"; done
done
