#!/usr/bin/env bash
# What appendfsync always costs: ours with the offload (replies wait, the command thread does not), ours without it, ours without
# an append-only file, and redis-server with appendfsync always. On the disk as it is, and on one whose every sync takes
# SLOW_SYNC_US=5000 microseconds longer (a preloaded library, the same for all servers).
# A disk of known speed, whatever the machine's is: TMPDIR=/dev/shm DISKS=fast FAST_SYNC_US=50 (sleeping takes some 50 more).
# The load "lite" is that of p1 by clients that cost the machine less than redis-benchmark does (lib/load.c).
#   CLIENTS=50 PIPELINE_CLIENTS=200 VALUE_BYTES=64 REQUESTS=200000 SLOW_REQUESTS=20000 READ_REQUESTS=100000 ROUNDS=3
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

CLIENTS=${CLIENTS:-50}
PIPELINE_CLIENTS=${PIPELINE_CLIENTS:-200}
VALUE_BYTES=${VALUE_BYTES:-64}
REQUESTS=${REQUESTS:-200000}
SLOW_REQUESTS=${SLOW_REQUESTS:-20000}
READ_REQUESTS=${READ_REQUESTS:-100000}
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
    local -a options=(--appendonly yes --appendfsync always)
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

# read_clean VARIANT: ten clients that read keys nobody writes; rps and p99 (milliseconds).
read_clean() {
    redis-benchmark -p "${PORT[$1]}" -n "$READ_REQUESTS" -c 10 -r 1000 --csv GET clean:__rand_int__ 2>/dev/null \
        | awk -F'"' 'END { printf "%9.0f %8.3f", $4, $14 }'
}

# read_beside VARIANT WRITTEN [DISK]: the same while others write to WRITTEN; less of it where readers wait for a slow disk.
read_beside() {
    local writers count=$READ_REQUESTS
    redis-benchmark -p "${PORT[$2]}" -n 100000000 -c "$CLIENTS" -r "$KEYS" SET key:__rand_int__ value >/dev/null 2>&1 &
    writers=$!
    sleep 1
    if [[ $1 != offload && ${3:-} == slow ]]; then count=$((count / 20)); fi
    READ_REQUESTS=$count read_clean "$1"
    kill $writers
    wait $writers 2>/dev/null || true
}

for name in redis; do if [[ ! -x $REDIS ]]; then echo "redis-server is not there" >&2; exit 1; fi; done
build_disk
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
    start elsewhere
    set_word elsewhere 0 "$delay"
    echo "# ten clients read keys that nobody writes: alone, beside $CLIENTS writers, and beside $CLIENTS writers of another such server,"
    echo "# which shows what they lose to the machine alone"
    printf '%-8s %9s %8s   %9s %8s   %9s %8s\n' server alone p99-ms beside p99-ms elsewhere p99-ms
    for ((round = 1; round <= ROUNDS; round++)); do
        for variant in offload inline redis; do
            printf '%-8s %s   %s   %s\n' "$variant" "$(read_clean "$variant")" \
                "$(read_beside "$variant" "$variant" "$disk")" "$(read_beside "$variant" elsewhere)"
        done
    done
    for variant in "${VARIANTS[@]}" elsewhere; do stop_server "$variant"; rm -rf "${WORK:?}/$variant"; done
done
