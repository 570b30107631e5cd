#!/bin/sh
# What the library costs: flash and memory on a Cortex-M3, instructions per event here and there and beside those of others,
# cost that is linear in the input.
#
#   sh tests/bench/gate.sh             the figures; installs by apt what is missing
#   sh tests/bench/gate.sh --profile   and where they come from: the largest symbols, functions and files
#
# How to read it: a line is a figure, its value, its limit if it has one, and ok or NOT OK. Every limit stands in limits.py,
# with what was measured last. Nothing here is a time: callgrind counts instructions, the linker counts bytes, and both
# are the same on every machine with the same compilers. "compared with" divides by what others need for the same
# (picohttpparser + jsmn, coreHTTP + coreJSON); compare.py runs others beside us.
#
# One part alone: python3 tests/bench/flash.py, instructions.py, linear.py, on_target.py, footprint.py or compare.py;
# what they can do besides stands at their top.
#
# HEADER      the header to measure (default: openai_stream.hpp, or src/all.hpp if that is newer)
# BUILD_DIR   where to build (default: build/ in the checkout)
#
# Closes with "N passed, N failed".
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
BUILD_DIR=${BUILD_DIR:-$here/../../build}
mkdir -p "$BUILD_DIR/bench" || exit 1
BENCH_TOTALS=$BUILD_DIR/bench/totals
export BUILD_DIR BENCH_TOTALS
: >"$BENCH_TOTALS"

have() { command -v "$1" >/dev/null 2>&1; }

missing=
have python3 || missing="$missing python3"
have g++-12 || have g++ || missing="$missing g++"
have clang++-14 || have clang++ || missing="$missing clang-14"
have valgrind || missing="$missing valgrind"
have addr2line || missing="$missing binutils"
have arm-none-eabi-g++ || missing="$missing gcc-arm-none-eabi"
have qemu-system-arm || missing="$missing qemu-system-arm"
[ -d /usr/lib/arm-none-eabi ] || missing="$missing libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib"
have riscv64-unknown-elf-gcc || missing="$missing gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf"
[ -f /usr/include/jsmn.h ] || missing="$missing libjsmn-dev"
[ -f /usr/include/simdjson.h ] || missing="$missing libsimdjson-dev"
if [ -n "$missing" ]; then
    echo "installing$missing"
    as_root=
    if [ "$(id -u)" != 0 ]; then as_root=sudo; fi
    # shellcheck disable=SC2086  # words are meant
    if ! {
        export DEBIAN_FRONTEND=noninteractive
        $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $missing
    } >"$BUILD_DIR/bench/install.log" 2>&1 </dev/null; then
        tail -n 5 "$BUILD_DIR/bench/install.log"
        echo "could not install$missing"
    fi
fi

# measures PART...: each says something and counts in files of its own. Two rows of parts run at the same time, which
# changes no figure; what shares a directory stands in one row.
measures() {
    for part in "$@"; do
        case $part in
            compare) option=--check ;;
            *) option=$options ;;
        esac
        : >"$BENCH_TOTALS.$part"
        # shellcheck disable=SC2086  # words are meant
        BENCH_TOTALS=$BENCH_TOTALS.$part python3 "$here/$part.py" $option >"$BUILD_DIR/bench/$part.txt" 2>&1 </dev/null
        [ -s "$BENCH_TOTALS.$part" ] && continue
        echo "  $part.py gave up" >>"$BUILD_DIR/bench/$part.txt"
        echo "0 1" >"$BENCH_TOTALS.$part"
    done
}
options=$*
measures flash footprint on_target &
measures instructions linear compare
wait
for part in flash instructions linear on_target footprint compare; do
    cat "$BUILD_DIR/bench/$part.txt"
    cat "$BENCH_TOTALS.$part" >>"$BENCH_TOTALS"
done

echo
python3 "$here/include.py" </dev/null

echo
awk '{ passed += $1; failed += $2 } END { printf "%d passed, %d failed\n", passed, failed; exit failed != 0 }' "$BENCH_TOTALS"
