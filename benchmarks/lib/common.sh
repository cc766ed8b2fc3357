# What the benchmark scripts share: starting the servers that are compared, and reading their clocks and memory.
# To be sourced. Servers: ours (OURS=path), redis (REDIS=path), and a third when PEER=path is given.
# Holds always: every process that was started here is ended when the script ends.

set -euo pipefail

BENCH_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ROOT=$(dirname "$BENCH_DIR")
OURS=${OURS:-$ROOT/artifacts/bin/valkey-server}
REDIS=${REDIS:-$(command -v redis-server || true)}
PEER=${PEER:-}
BASE_PORT=${BASE_PORT:-26400}
WORK=$(mktemp -d)
TICKS_PER_SECOND=$(getconf CLK_TCK)

declare -A PID=() PORT=() EXECUTABLE=()
SERVERS=()
NEXT_PORT=$BASE_PORT

stop_all() {
    local name
    for name in "${!PID[@]}"; do kill "${PID[$name]}" 2>/dev/null || true; done
    for name in "${!PID[@]}"; do wait "${PID[$name]}" 2>/dev/null || true; done
    rm -rf "$WORK"
}
trap stop_all EXIT
trap 'exit 130' INT TERM

# Names the servers to compare in SERVERS: those that are there.
choose_servers() {
    local -a candidates=(ours "$OURS" redis "$REDIS" peer "$PEER")
    local i
    for ((i = 0; i < ${#candidates[@]}; i += 2)); do
        if [[ -x ${candidates[i + 1]} ]]; then
            EXECUTABLE[${candidates[i]}]=${candidates[i + 1]}
            SERVERS+=("${candidates[i]}")
        fi
    done
    if [[ ! -x $OURS ]]; then echo "Not built: $OURS" >&2; exit 1; fi
}

# start_server NAME [option ...]: starts it on a port of its own and waits until it answers.
start_server() {
    local name=$1 i
    shift
    PORT[$name]=$((NEXT_PORT++))
    mkdir -p "$WORK/$name"
    (cd "$WORK/$name" && exec "${EXECUTABLE[$name]}" --port "${PORT[$name]}" --bind 127.0.0.1 --save "" --appendonly no \
        --dir "$WORK/$name" "$@" >"$WORK/$name/log" 2>&1) &
    PID[$name]=$!
    for ((i = 0; i < 300; i++)); do
        if [[ $(redis-cli -p "${PORT[$name]}" PING 2>/dev/null) == PONG ]]; then return; fi
        kill -0 "${PID[$name]}" 2>/dev/null || break
        sleep 0.1
    done
    echo "$name (${EXECUTABLE[$name]}) did not start:" >&2
    cat "$WORK/$name/log" >&2
    exit 1
}

stop_server() {
    end_process "${PID[$1]}"
    unset "PID[$1]"
}

end_process() {
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# CPU time of the process in clock ticks, user and system.
cpu_ticks() {
    local stat
    stat=$(<"/proc/${PID[$1]}/stat")
    local -a field
    read -ra field <<<"${stat##*) }" # the name in front may hold blanks
    echo $((field[11] + field[12]))
}

rss_bytes() {
    local -a field
    read -ra field <"/proc/${PID[$1]}/statm"
    echo $((field[1] * $(getconf PAGESIZE)))
}

# info_field NAME FIELD. Reads to the end: leaving early would break the pipe, and with it the script.
info_field() {
    redis-cli -p "${PORT[$1]}" INFO all | tr -d '\r' | awk -F: -v name="$2" '$1 == name { print $2 }'
}

describe_run() {
    local name
    echo "# $(date -u +%Y-%m-%dT%H:%MZ), $(nproc) cores, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)"
    for name in "${SERVERS[@]}"; do
        echo "# $name: $("${EXECUTABLE[$name]}" --version | head -1)"
    done
}

# build_program NAME: lib/NAME.c becomes $WORK/NAME, once.
build_program() {
    if [[ ! -x $WORK/$1 ]]; then cc -O2 -o "$WORK/$1" "$BENCH_DIR/lib/$1.c"; fi
}

# rate_of SERVER PIPELINE REQUESTS COMMAND...: requests per second. By redis-benchmark, or with LOAD=lite by lib/load.c, which takes
# less of the processors that it shares with the server.
rate_of() {
    local port=${PORT[$1]} pipeline=$2 requests=$3
    shift 3
    if [[ ${LOAD:-} == lite ]]; then
        build_program load
        "$WORK/load" "$port" "$CLIENTS" "$pipeline" "$requests" "$KEYS" "$@"
    else
        redis-benchmark -p "$port" -n "$requests" -c "$CLIENTS" -P "$pipeline" -r "$KEYS" --csv "$@" 2>/dev/null \
            | awk -F'"' 'END { print $4 }'
    fi
}

# measure SERVER PIPELINE REQUESTS COMMAND...: prints "rps<TAB>cpu_us". CLIENTS clients, KEYS different random numbers.
measure() {
    local server=$1 pipeline=$2 requests=$3 before after rate
    shift 3
    before=$(cpu_ticks "$server")
    rate=$(rate_of "$server" "$pipeline" "$requests" "$@")
    after=$(cpu_ticks "$server")
    awk -v rate="$rate" -v ticks=$((after - before)) -v hz="$TICKS_PER_SECOND" -v requests="$requests" \
        'BEGIN { printf "%s\t%.4f\n", rate, ticks / hz * 1e6 / requests }'
}

# has_command SERVER COMMAND: whether the server knows it.
has_command() {
    [[ -n $(redis-cli -p "${PORT[$1]}" COMMAND INFO "$2" | head -1) ]]
}
