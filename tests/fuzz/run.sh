#!/bin/sh
# Fuzzes with libFuzzer: sh tests/fuzz/run.sh SECONDS [TARGET ...]
# RUNS=10000000 ends a target after so many executions. JOBS targets run at a time (2).
# SANITIZE=none: optimised, for millions of executions. What the library asserts, the page after each buffer and the
# bytes before it are looked at all the same. Else with ASan and UBSan, a tenth as fast.
# Prints for each target how many executions it were, how many a second and how long they took; ends with 1 if one found
# something. What it found, and its log, are in build/fuzz/.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:?how many seconds for each target}
shift
targets=${*:-exchange_chat exchange_responses extra_events stream resume recording request filters texts apis collector c_api tls}
out=$root/build/fuzz
mkdir -p "$out"
clang=${CLANG:-}
for one in clang++ clang++-19 clang++-18 clang++-17 clang++-16 clang++-15 clang++-14; do
    [ -n "$clang" ] || ! command -v "$one" >/dev/null || clang=$one
done
[ -n "$clang" ] || { echo "FAILED: there is no clang++ (apt-get install clang)"; exit 1; }

# Without sanitizers: no look at each comparison and each memcmp, which takes more than half of the time. For that the
# library of libFuzzer is named itself; -fsanitize=fuzzer would bring its memcmp along.
case ${SANITIZE:-all} in
    none)
        flags="-O2 -fsanitize-coverage=inline-8bit-counters,pc-table -pthread"
        options=-entropic=0  # which inputs are rare takes a quarter of the time
        engine=$(find "$("$clang" -print-resource-dir)/lib" -name "libclang_rt.fuzzer-$(uname -m).a" \
            -o -path "*/$(uname -m)-*/libclang_rt.fuzzer.a")
        [ -n "$engine" ] || { echo "FAILED: libFuzzer's library was not found"; exit 1; }
        ;;
    all)
        flags="-O1 -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer -fno-sanitize-recover=undefined"
        engine= options=
        ;;
    *) echo "FAILED: SANITIZE is none or all"; exit 1 ;;
esac

build() {
    libraries=
    [ "$1" != tls ] || libraries="-lmbedtls -lmbedx509 -lmbedcrypto -ldl"
    # shellcheck disable=SC2086
    "$clang" -std=c++17 -g1 $flags -I"$root" -I"$root/tests" "$root/tests/fuzz/$1.cpp" \
        "$root/tests/support/guard_page.cpp" $engine -o "$out/$1" $libraries
}

fuzz() {
    rm -rf "$out/seeds/$1" "$out/$1.failed"
    mkdir -p "$out/corpus/$1"
    python3 "$root/tests/fuzz/seeds.py" "$root" "$1" "$out/seeds/$1" >/dev/null
    result=passed
    # shellcheck disable=SC2086
    nice "$out/$1" $options -max_total_time="$seconds" -runs="${RUNS:--1}" -max_len=600 -len_control=20 -timeout=10 \
        -artifact_prefix="$out/$1-" -print_final_stats=1 "$out/corpus/$1" "$out/seeds/$1" >"$out/$1.log" 2>&1 ||
        { result=FAILED && touch "$out/$1.failed"; }
    awk -v name="$1" -v result="$result" '
        /^stat::number_of_executed_units/ {runs = $2}
        /^stat::average_exec_per_sec/ {rate = $2}
        END {printf "%-20s %s  %10d executions  %6d a second  %5.2f hours\n", name, result, runs, rate,
                    rate ? runs / rate / 3600 : 0}' "$out/$1.log"
    grep -aE "^BROKEN|ERROR:|runtime error|does not hold|Test unit" "$out/$1.log" || true
}

running=0
for target in $targets; do
    if [ "$target" = tls ] && ! echo '#include <mbedtls/ssl.h>' | "$clang" -E -x c++ - >/dev/null 2>&1; then
        echo "SKIPPED: tls: mbedTLS is not there"
        continue
    fi
    build "$target"
    fuzz "$target" &
    running=$((running + 1))
    [ $((running % ${JOBS:-2})) -ne 0 ] || wait
done
wait
for target in $targets; do
    [ ! -e "$out/$target.failed" ] || exit 1
done
