#!/bin/sh
# Starts the server with the environment that its runtime reads before any code of ours runs:
#   DOTNET_EnableWriteXorExecute=0   a forked child must not share executable memory with its parent
#   DOTNET_gcConcurrent=0            no collector thread that a fork could interrupt
#   LD_PRELOAD=libjemalloc.so.2      the allocator, where it is installed; MALLOC=libc or --allocator libc leaves it out
# It ends in exec, so the process id stays the one that was started.
# Under a name with check-rdb or check-aof in it, the tool of that name is started instead.

self=$0
case $self in
    */*) ;;
    *) if [ -e "$self" ]; then self=./$self; else self=$(command -v -- "$self") || exit 127; fi ;;
esac
while [ -L "$self" ]; do
    target=$(readlink "$self")
    case $target in
        /*) self=$target ;;
        *) self=$(dirname "$self")/$target ;;
    esac
done
dir=$(cd "$(dirname "$self")" && pwd -P) || exit 127

export DOTNET_EnableWriteXorExecute=0
export DOTNET_gcConcurrent=0

previous=
for argument in "$@"; do
    case $previous/$argument in
        --allocator/libc | */"--allocator libc") MALLOC=libc ;;
    esac
    previous=$argument
done
if [ "${MALLOC:-}" != libc ]; then
    case ${LD_PRELOAD:-} in
        *jemalloc*) ;;
        *)
            for library in /usr/lib/*/libjemalloc.so.2 /usr/lib64/libjemalloc.so.2 /usr/lib/libjemalloc.so.2 \
                /usr/local/lib/libjemalloc.so.2; do
                if [ -e "$library" ]; then
                    export LD_PRELOAD="$library${LD_PRELOAD:+:$LD_PRELOAD}"
                    break
                fi
            done
            ;;
    esac
fi

export VALKEY_EXECED=1
case ${0##*/} in
    *check-rdb*) exec "$dir/lib/valkey-check-rdb" "$@" ;;
    *check-aof*) exec "$dir/lib/valkey-check-aof" "$@" ;;
esac
exec "$dir/lib/valkey-server" "$@"
