#!/bin/sh
# Builds the targets as OSS-Fuzz wants them: CXX, CXXFLAGS, LIB_FUZZING_ENGINE and OUT come from there.
#   OUT=/tmp/out CXX=clang++ CXXFLAGS="-O1 -fsanitize=address,fuzzer-no-link" LIB_FUZZING_ENGINE=-fsanitize=fuzzer \
#       sh tests/fuzz/oss_fuzz.sh
# Each target goes to $OUT with its seeds in TARGET_seed_corpus.zip, and with options that keep inputs short. (tls needs
# a shared mbedTLS, in front of which it stands: sh tests/fuzz/run.sh has it.)
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
: "${CXX:?}" "${OUT:?}" "${LIB_FUZZING_ENGINE:?}"
mkdir -p "$OUT"
for source in "$root"/tests/fuzz/*.cpp; do
    target=$(basename "$source" .cpp)
    case $target in replayer | tls) continue ;; esac
    # shellcheck disable=SC2086  # words are meant
    "$CXX" -std=c++17 ${CXXFLAGS-} -I"$root" -I"$root/tests" "$source" "$root/tests/support/guard_page.cpp" \
        ${LIB_FUZZING_ENGINE} -o "$OUT/$target"
    python3 "$root/tests/fuzz/seeds.py" "$root" "$target" "$OUT/seeds" >/dev/null
    (cd "$OUT" && python3 -m zipfile -c "${target}_seed_corpus.zip" seeds/*)
    rm -rf "$OUT/seeds"
    printf '[libfuzzer]\nmax_len = 600\nlen_control = 20\n' >"$OUT/$target.options"
done
