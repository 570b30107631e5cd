#!/bin/sh
# Run: sh examples/web/build.sh [FILE]
#
# Makes answer.wasm, beside the page or where it is told. Needs clang and wasm-ld, and nothing else.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
compiler=''
for name in ${CXX:-} clang++ clang++-19 clang++-14; do
    [ -z "$compiler" ] || break
    ! echo 'int x;' | "$name" --target=wasm32 -x c++ -c - -o /dev/null 2>/dev/null || compiler=$name
done
[ -n "$compiler" ] || { echo 'build.sh: there is no clang++ for wasm32. Install clang and lld.' >&2; exit 1; }
cd -- "$here"
"$compiler" --target=wasm32 -std=c++17 -Oz -nostdlib -ffreestanding -fno-builtin -fno-exceptions -fno-rtti -I../.. \
    -Wall -Wextra -Wpedantic -Werror -Wl,--no-entry,--strip-all main.cpp c_library.cpp -o "${1:-answer.wasm}"
echo "$(wc -c <"${1:-answer.wasm}") bytes of wasm"
