#!/bin/sh
# What only shows after a long time: sh tests/soak/soak.sh [EVENTS GIBIBYTES CONVERSATIONS]   (10000000 5 100000)
# Events of one answer while the clock wraps around, one text of so many GiB, and conversations over connections that are
# kept, closed, cut off and refused, with RetryPolicy and Timeouts. Memory has to stay flat, and every count to be right.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${BUILD_DIR:-$root/build}/soak
mkdir -p "$out"
"${CXX:-c++}" -std=c++17 -O2 -I"$root" -I"$root/tests" "$root/tests/soak/soak.cpp" -o "$out/soak"
exec "$out/soak" "$@"
