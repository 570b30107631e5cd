#!/bin/sh
# Builds and runs the tests; closes with one line, "N passed, N failed" or "N passed, N failed, N skipped".
#
#   sh tests/run.sh          the suite with the compiler at hand; what it needs is installed by apt when it is missing
#   sh tests/run.sh --all    besides: src/ file by file, another compiler, other code paths, 32 bits, Windows under Wine,
#                            sanitizers, warnings, bare metal, static analysis,
#                            firmware on emulated boards, five tasks by us and others, the gates of tests/bench
#   sh tests/run.sh --weekly besides: valgrind, https cut at every byte, proofs, other people's parsers as witnesses, soak,
#                            old faults put back, clang++-14 with libc++, the whole suite under Wine, big-endian,
#                            aarch64 and riscv64 under QEMU, musl
#
# BUILD_DIR   where to build (default: build/ in the checkout); each stage has a directory in it
# JOBS        how many processes at a time (default: one for each processor)
# shellcheck disable=SC2030,SC2031  # what a subshell sets is meant for it alone
set -u
root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
build=${BUILD_DIR:-$root/build}
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}
case "${1-}" in
    '') all=no weekly=no ;;
    --all) all=yes weekly=no ;;
    --weekly) all=yes weekly=yes ;;
    *) echo "usage: sh tests/run.sh [--all | --weekly]" >&2; exit 2 ;;
esac
mkdir -p "$build" && build=$(cd "$build" && pwd) || exit 1
export BUILD_DIR="$build"  # for the scripts that are called
log=$build/stage.log        # what the stage says
totals=$build/totals        # "PASSED FAILED SKIPPED" of all stages, line by line
: >"$totals"

# ---- what has to be there -------------------------------------------------------------------------------------------

have() { command -v "$1" >/dev/null 2>&1; }
have_header() { echo "#include <$1>" | "${CXX:-c++}" -E -x c++ - >/dev/null 2>&1; }

# install PACKAGE...: what went wrong is said.
install() (
    if ! have apt-get; then echo "missing, and no apt-get to install it: $*"; return 1; fi
    echo "installing $*"
    as_root=
    if [ "$(id -u)" != 0 ]; then as_root=sudo; fi
    export DEBIAN_FRONTEND=noninteractive
    {
        $as_root apt-get update -qq &&
            $as_root apt-get install -y -qq --no-install-recommends "$@"
    } >"$build/install.log" 2>&1 </dev/null && return 0
    tail -n 5 "$build/install.log"
    echo "could not install $*"
    return 1
)

# nginx, in the directory of the build only: its installation would start it for the whole machine.
unpack_nginx() (
    if ! have apt-get; then echo "missing, and no apt-get to get it: nginx"; return 1; fi
    echo "unpacking nginx"
    as_root=
    if [ "$(id -u)" != 0 ]; then as_root=sudo; fi
    cd "$build" || return 1
    {
        $as_root apt-get update -qq &&
            apt-get download -qq nginx && dpkg -x nginx_*.deb nginx && rm -f nginx_*.deb && nginx/usr/sbin/nginx -v
    } >"$build/install.log" 2>&1 </dev/null && return 0
    tail -n 5 "$build/install.log"
    rm -rf nginx
    echo "could not unpack nginx"
    return 1
)

# offers COMMAND PACKAGE...: whether the command is there, after an installation if need be. A skip if not.
offers() {
    offered=$1
    shift
    have "$offered" || install "$@"
    have "$offered" || { skip "$offered is not there"; return 1; }
}

# ---- counting -------------------------------------------------------------------------------------------------------

count() { echo "$*" >>"$totals"; }
skip() { count 0 0 1; echo "SKIPPED: $*"; }
failures() { awk '{ failed += $2 } END { print failed + 0 }' "$totals"; }

# in_words: the sum of such lines, as one line.
in_words() {
    awk '{ passed += $1; failed += $2; skipped += $3 }
         END { printf "%d passed, %d failed", passed, failed; if (skipped) printf ", %d skipped", skipped; print "" }'
}

# stage NAME COMMAND...: prints one line, then what was skipped; of a failure everything. A command that does not count
# by itself counts what its own last line says, or as one.
stage() {
    stage=$1
    shift
    began=$(date +%s)
    lines_before=$(wc -l <"$totals")
    failures_before=$(failures)
    status=0
    printf '%-32s ' "$stage:"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [ "$(wc -l <"$totals")" = "$lines_before" ]; then
        sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed\(, \([0-9]*\) skipped\)\{0,1\}$/\1 \2 \4/p' "$log" >>"$totals"
    fi
    if [ "$status" != 0 ] && [ "$(failures)" = "$failures_before" ]; then count 0 1 0; fi
    if [ "$(wc -l <"$totals")" = "$lines_before" ]; then count 1 0 0; fi
    said=$(tail -n "+$((lines_before + 1))" "$totals" | in_words)
    echo "$said ($(($(date +%s) - began)) s)"
    if [ "$(failures)" != "$failures_before" ]; then cat "$log"; else grep '^SKIPPED: ' "$log"; fi
}

# ---- building and testing -------------------------------------------------------------------------------------------

# builds NAME [OPTION...]: the test programs, in a directory of that name. Compiling takes longer than running, so they
# are optimised only a little.
builds() (
    directory=$build/$1
    shift
    set -- -Dtests=enabled -Dbuildtype=plain -Doptimization=1 "$@"
    if [ ! -f "$directory/build.ninja" ]; then
        meson setup "$directory" "$root" "$@" >"$directory.log" 2>&1 ||
            { cat "$directory.log"; rm -rf "$directory"; return 1; }
    fi
    # shellcheck disable=SC2086  # words are meant
    ninja -C "$directory" -j "$jobs" ${TARGETS-} >"$directory.log" 2>&1 ||
        { sed '/^\[[0-9/]*\] /d' "$directory.log"; return 1; }
)

# passes NAME [OPTION...]: what was built there.
passes() (
    directory=$build/$1
    shift
    rm -f "$directory"/meson-logs/testlog*.json
    meson test -C "$directory" --no-rebuild --num-processes "$jobs" "$@" >"$directory.log" 2>&1
    set -- "$directory"/meson-logs/testlog*.json
    [ -f "$1" ] || { cat "$directory.log"; return 1; }
    python3 "$root/tests/support/count.py" "$1" "$totals"
)

# The stage "warnings" of --all compiles what the suite few_warnings does, and more.
suite() {
    if [ $all = yes ]; then set -- --no-suite few_warnings; fi
    builds default -Dcpp_args=-g1 && passes default --no-suite window --no-suite wine "$@"
}

# A compiler, and the standard library that comes with it.
clang_14() (
    offers clang++-14 clang-14 || return 0
    export CXX=clang++-14
    links() {
        printf '#include <string>\nint main() {}\n' | clang++-14 -stdlib=libc++ -x c++ - -o "$build/links" 2>/dev/null
    }
    links || install libc++-14-dev libc++abi-14-dev
    links || { skip "clang++-14 -stdlib=libc++ does not link"; return 0; }
    export OPENAI_STREAM_TEST_CUTS=few
    builds clang_14 -Doptimization=0 -Dcpp_args=-stdlib=libc++ -Dcpp_link_args=-stdlib=libc++ && passes clang_14 --suite unit
)

# crosses NAME COMPILER SYSTEM CPU ENDIAN ARGS LINK_ARGS RUNNER...: builds for another machine, whose programs the
# runner runs. ARGS and LINK_ARGS are a list in meson's words, without brackets. $TARGETS and $TESTS: not all of it.
crosses() (
    name=$1 compiler=$2 system=$3 cpu=$4 endian=$5 args=$6 link_args=$7
    shift 7
    mkdir -p "$build/include"  # headers that belong to no machine
    for header in doctest/doctest.h nlohmann/json.hpp; do
        found=$(echo "#include <$header>" | c++ -M -x c++ - | tr -s ' ' '\n' | grep "/$header\$") || return 1
        ln -sfn "$(dirname "$found")" "$build/include/$(dirname "$header")"
    done
    {
        echo "[binaries]"
        echo "cpp = '$compiler'"
        echo "ar = '${compiler%-g++*}-ar'"
        echo "exe_wrapper = [$(printf "'%s', " "$@")]"
        echo "[properties]"
        echo "needs_exe_wrapper = true"  # x86_64 is held to run 32-bit programs itself, which not every kernel does
        echo "[built-in options]"
        echo "cpp_args = ['-isystem', '$build/include', $args]"
        echo "cpp_link_args = [$link_args]"
        echo "[host_machine]"
        echo "system = '$system'"
        echo "cpu_family = '$cpu'"
        echo "cpu = '$cpu'"
        echo "endian = '$endian'"
    } >"$build/$name.ini"
    export OPENAI_STREAM_TEST_CUTS=few
    # shellcheck disable=SC2086  # words are meant
    builds "$name" --cross-file "$build/$name.ini" -Dexamples=disabled &&
        passes "$name" ${TESTS---suite unit} --timeout-multiplier 4
)

# Most significant byte first.
big_endian() (
    offers s390x-linux-gnu-g++-12 g++-12-s390x-linux-gnu || return 0
    offers qemu-s390x qemu-user || return 0
    crosses s390x s390x-linux-gnu-g++-12 linux s390x big "" "" qemu-s390x -L /usr/s390x-linux-gnu
)

# The same with 32 bits.
big_endian_32() (
    offers mips-linux-gnu-g++-12 g++-12-mips-linux-gnu || return 0
    offers qemu-mips qemu-user || return 0
    crosses mips mips-linux-gnu-g++-12 linux mips big "" "" qemu-mips -L /usr/mips-linux-gnu
)

# 64 bits of other makes; on the first of them the vector instructions are NEON's, which the symbols tell.
aarch64() (
    offers aarch64-linux-gnu-g++-12 g++-12-aarch64-linux-gnu || return 0
    offers qemu-aarch64 qemu-user || return 0
    crosses aarch64 aarch64-linux-gnu-g++-12 linux aarch64 little "" "" qemu-aarch64 -L /usr/aarch64-linux-gnu || return
    nm "$build/aarch64/tests/test_base" | grep -q v0_neon || { echo "no NEON in it"; return 1; }
)
riscv64() (
    offers riscv64-linux-gnu-g++-12 g++-12-riscv64-linux-gnu || return 0
    offers qemu-riscv64 qemu-user || return 0
    crosses riscv64 riscv64-linux-gnu-g++-12 linux riscv64 little "" "" qemu-riscv64 -L /usr/riscv64-linux-gnu
)

# Its compiler has no C++ library, and so no suite; the header needs none.
musl() {
    have musl-gcc || install musl-tools
    python3 "$root/tests/firmware/musl.py" "$build/default/examples/local_server"
}

windows_warnings() {
    offers x86_64-w64-mingw32-g++-posix g++-mingw-w64-x86-64-posix || return 0
    printf '%s\n' '#include <windows.h>' '#define OPENAI_STREAM_SOCKET' '#include "openai_stream.hpp"' |
        x86_64-w64-mingw32-g++-posix -std=c++17 "-I$root" -fsyntax-only -x c++ - 2>&1 |
        grep -q '#error .* define WIN32_LEAN_AND_MEAN before windows.h' || { echo "no word about windows.h"; return 1; }
    have clang-cl-19 || install clang-19
    warnings --few x86_64-w64-mingw32-g++-posix clang-cl-19
}

# WINEPREFIX is Wine's Windows; made anew it takes a quarter of a minute. What speaks to the system, and how the compiler
# sees the rest; all of the suite is weekly.
windows() (
    offers x86_64-w64-mingw32-g++-posix g++-mingw-w64-x86-64-posix || return 0
    have wine || install wine wine64
    export WINEPREFIX="$build/wine" WINEDEBUG=-all
    wine cmd /c exit || { skip "wine is not there or does not run: the suite is not run on Windows"; return 0; }
    skip "on Windows: the tests that speak POSIX themselves (posix_only in tests/meson.build)"
    if [ $weekly = no ]; then
        skip "on Windows: http, sse, json, text, dialect, request, io: sh tests/run.sh --weekly"
        export TESTS="base base_no_simd platform"
        TARGETS=$(printf 'tests/test_%s.exe ' base base_no_simd platform)
        export TARGETS
    fi
    crosses windows x86_64-w64-mingw32-g++-posix windows x86_64 little "" "'-static'" wine
)

# The game on a screen of its own, the page in a browser. A minute of the game is weekly.
examples_in_windows() (
    have_header SDL2/SDL_ttf.h || install libsdl2-dev libsdl2-ttf-dev fonts-dejavu-core
    have_header SDL2/SDL_ttf.h || { skip "SDL2 is not there: the game is not played"; return 0; }
    have_header imgui/imgui.h || install libimgui-dev
    have_header imgui/imgui.h || skip "Dear ImGui is not there: nobody talks in its panel"
    offers Xvfb xvfb || return 0
    offers xdotool xdotool || return 0
    offers wasm-ld-19 lld-19 && offers clang++-19 clang-19 || return 0
    { have chromium && have chromedriver; } || install chromium chromium-driver  # without them the test says so
    if [ $weekly = yes ]; then export OPENAI_STREAM_TEST_SECONDS=60; fi
    export TARGETS="examples/game examples/local_server"
    if have_header imgui/imgui.h; then TARGETS="$TARGETS examples/imgui"; fi
    builds window && passes window --suite window
)

# Examples that run on Windows, by Wine. (After those in a window, which bring what their build is set up with.)
windows_examples() (
    offers x86_64-w64-mingw32-g++-posix g++-mingw-w64-x86-64-posix || return 0
    have wine || install wine wine64
    export WINEPREFIX="$build/wine" WINEDEBUG=-all
    wine cmd /c exit || { skip "wine is not there or does not run: no example is run on Windows"; return 0; }
    export TARGETS="examples/local_server"
    builds window && passes window --suite wine
)

# What has threads in it.
thread_sanitizer() (
    export TARGETS="tests/test_platform tests/test_base"
    builds threads -Db_sanitize=thread -Db_lundef=false "-Dcpp_args=-g1" && passes threads base platform
)

# Another compiler, and code that other machines have: 32 bits, no vector instructions, char without a sign. Only this
# package: g++-multilib drives out cross compilers. It lacks the link to the kernel's headers. A kernel may have no
# 32-bit programs although they link.
bits_32() (
    offers clang++-19 clang-19 || return 0
    links() { echo 'int main() {}' | clang++-19 -m32 -x c++ - -o "$build/links" 2>/dev/null; }
    links || install "g++-$(g++ -dumpversion | cut -d. -f1)-multilib"
    links || { skip "clang++-19 -m32 does not link"; return 0; }
    machine=$(g++ -print-multiarch)
    arguments="-m32 -funsigned-char -idirafter /usr/include/$machine"
    if "$build/links" 2>/dev/null; then
        export CXX="clang++-19 $arguments" CC="clang-19 $arguments" OPENAI_STREAM_TEST_CUTS=few
        builds m32 -Doptimization=0 -Dexamples=disabled && passes m32 --suite unit
        return
    fi
    offers qemu-i386 qemu-user || return 0
    skip "32 bits, io and platform: qemu-i386 confuses the variables of threads after a signal, and no kernel is here for it"
    export TESTS="base base_no_simd base_cxx20 http sse json text dialect request"
    TARGETS=$(for name in $TESTS; do echo "tests/test_$name"; done)
    export TARGETS
    # shellcheck disable=SC2086  # words are meant
    list=$(printf "'%s', " $arguments)
    crosses m32_emulated "$machine-g++" linux x86 little "$list" "'-m32'" qemu-i386
)

# Built from src/ file by file, which is the same code; by a clang, which takes half of g++'s time for it.
sanitizers() (
    offers clang++-19 clang-19 || return 0
    links() { echo 'int main() {}' | clang++-19 -fsanitize=address,undefined -x c++ - -o "$build/links" 2>/dev/null; }
    links || install libclang-rt-19-dev
    export CXX=clang++-19 CC=clang-19 OPENAI_STREAM_TEST_CUTS=few UBSAN_OPTIONS=print_stacktrace=1
    export TARGETS="suite_unit suite_tls"  # and not the examples, which are not run here
    builds sanitizers -Dheader=modular -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=0 \
        "-Dcpp_args=-g1 -fno-sanitize-recover=all" && passes sanitizers --suite unit --suite tls
)

# What holds memory and moves it; parsers are for the sanitizers. The test programs bring a malloc of their own
# (support/heap_trap.cpp); valgrind takes its place.
under_valgrind() (
    offers valgrind valgrind || return 0
    export OPENAI_STREAM_TEST_CUTS=few
    valgrind="valgrind -q --error-exitcode=99 --leak-check=full --child-silent-after-fork=yes"
    builds default -Dcpp_args=-g1 &&
        passes default base request io platform --timeout-multiplier 20 \
            --wrapper "$valgrind --soname-synonyms=somalloc=NONE" &&
        OPENAI_STREAM_TEST_WRAPPER="$valgrind" passes default --suite tls --timeout-multiplier 4
)

# https, cut at each byte in every way; the suite leaves some out.
every_byte() (
    export OPENAI_STREAM_TEST_CUTS=all
    builds default -Dcpp_args=-g1 && passes default --suite tls --timeout-multiplier 4 &&
        passes default io tls --timeout-multiplier 4  # what these two leave out
)

# sources_of PACKAGE RELEASE FOLDER: a package's sources in a release of Debian, from where this machine has its
# packages; nothing is installed.
sources_of() (
    package=$1 release=$2 folder=$3
    have apt-get || return 1
    mkdir -p "$folder" "$build/apt/partial" && cd "$folder" || return 1
    # shellcheck disable=SC2016  # apt-get's own word
    uri=$(apt-get indextargets --format '$(REPO_URI)' | head -n 1)
    echo "deb-src $uri $release main" >sources.list
    set -- -o "Dir::Etc::SourceList=$folder/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$build/apt" \
        -o "Dir::Cache=$build/apt" -o APT::Sandbox::User=
    apt-get "$@" update -qq && apt-get "$@" source -qq --download-only "$package" &&
        tar -xf "$package"_*.orig.tar.* --strip-components=1
)

# The version after that of Debian 12: TLS 1.3, which is the default there.
mbedtls_3() (
    folder=$build/mbedtls-3
    if [ ! -f "$folder/library/libmbedtls.so" ]; then
        offers make make && sources_of mbedtls trixie "$folder" && make -C "$folder" -j "$jobs" lib SHARED=1 >"$folder.log" 2>&1
    fi
    [ -f "$folder/library/libmbedtls.so" ] || { skip "mbedTLS 3.6: its sources are not to be had"; return 0; }
    export TARGETS="tests/e2e/tls/tls_client examples/local_server"
    builds mbedtls_3 "-Dcpp_args=-isystem $folder/include" \
        "-Dcpp_link_args=-L$folder/library -Wl,-rpath,$folder/library" && passes mbedtls_3 --suite tls
)

# What CMake's targets name for Windows; the suite has no compiler for it.
windows_packages() { python3 "$root/tests/packages/consumers_test.py" --only Windows "${CXX:-c++}"; }

static_analysis() {
    have clang-tidy || install clang-tidy
    have cppcheck || install cppcheck
    python3 "$root/tests/static/analysis.py"
}

proofs() {
    have cbmc || [ -n "${CBMC-}" ] || install cbmc
    python3 "$root/tests/proofs/prove.py"
}

warnings() { python3 "$root/tests/contract/warnings.py" "$root" "$@"; }

bare_metal() {
    have arm-none-eabi-g++ || install gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib
    have riscv64-unknown-elf-g++ || install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf
    if ! have clang++-14 || ! have llvm-nm-14; then install clang-14 llvm-14; fi
    warnings arm-none-eabi-g++ riscv64-unknown-elf-g++ "clang++-14 --target=wasm32"
}

# The programs of examples/firmware, on emulated boards.
firmware() {
    have arm-none-eabi-g++ || install gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib
    have riscv64-unknown-elf-gcc || install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf
    have qemu-system-arm || install qemu-system-arm
    have qemu-system-riscv32 || install qemu-system-misc
    export MBEDTLS_SOURCE="$build/mbedtls-3" LWIP_SOURCE="$build/lwip"
    [ -f "$MBEDTLS_SOURCE/library/ssl_tls.c" ] || sources_of mbedtls trixie "$MBEDTLS_SOURCE"
    [ -f "$LWIP_SOURCE/src/core/tcp.c" ] || sources_of lwip bookworm "$LWIP_SOURCE"
    python3 "$root/tests/firmware/firmware.py" "$build/default/examples/local_server"
}

# Beside what others take for parts of the same.
size_and_speed() {
    export HTTP_PARSER_SOURCE="$build/http-parser" CJSON_SOURCE="$build/cjson" PICOHTTPPARSER_SOURCE="$build/h2o"
    [ -f "$HTTP_PARSER_SOURCE/http_parser.c" ] || sources_of http-parser bookworm "$HTTP_PARSER_SOURCE"
    [ -f "$CJSON_SOURCE/cJSON.c" ] || sources_of cjson bookworm "$CJSON_SOURCE"
    [ -d "$PICOHTTPPARSER_SOURCE/deps/picohttpparser" ] || sources_of h2o bookworm "$PICOHTTPPARSER_SOURCE"
    sh "$root/tests/bench/gate.sh"
}

callsite() {
    have_header httplib.h || install libcpp-httplib-dev
    npm_packages=$build/differential/node_modules  # of round_trip.py
    [ ! -d "$npm_packages/openai" ] || export NODE_PATH="$npm_packages"
    python3 "$root/tests/callsite/count.py" "$root" "$build/default/examples/local_server" "${CXX:-c++}"
}

# The files of examples/adapters; which platforms are not here is said.
adapters() {
    have_header SDL2/SDL_net.h || install libsdl2-net-dev libsdl2-dev
    have_header openssl/ssl.h || install libssl-dev
    [ -d /usr/include/lwip ] || install liblwip-dev
    python3 "$root/tests/adapters/adapters.py" "$build/default/examples/local_server"
}

# ---- the stages -----------------------------------------------------------------------------------------------------

missing=
have "${CXX:-c++}" || missing="$missing g++"
have python3 || missing="$missing python3"
have meson || missing="$missing meson"
have ninja || missing="$missing ninja-build"
have_header doctest/doctest.h || missing="$missing doctest-dev"
have_header nlohmann/json.hpp || missing="$missing nlohmann-json3-dev"
have_header curl/curl.h || missing="$missing libcurl4-openssl-dev"  # for an example
have tmux || missing="$missing tmux"                                # for the example in a terminal
# shellcheck disable=SC2086  # words are meant
if [ -n "$missing" ] && ! install $missing; then count 0 1 0; in_words <"$totals"; exit 1; fi

# Without these https is not tested, which tests/e2e/tls says.
wanted=
have_header mbedtls/ssl.h || wanted="$wanted libmbedtls-dev"
have openssl || wanted="$wanted openssl"
# Without these some packages are not tested, which tests/packages says.
have cmake || wanted="$wanted cmake"
have pkg-config || wanted="$wanted pkg-config"
# shellcheck disable=SC2086  # words are meant
if [ -n "$wanted" ]; then install $wanted; fi
PATH=$PATH:/usr/sbin:$build/nginx/usr/sbin
have nginx || unpack_nginx

stage "tests" suite
if [ $all = yes ]; then
    stage "clang++-19, 32 bits" bits_32
    stage "the same in every build" python3 "$root/tests/fuzz/builds.py" "$root" "$build/fuzz_builds"
    stage "Windows" windows
    stage "examples in a window" examples_in_windows
    stage "examples on Windows" windows_examples
    stage "sanitizers, src/ file by file" sanitizers
    stage "thread sanitizer" thread_sanitizer
    if [ $weekly = yes ]; then
        stage "valgrind" under_valgrind
        stage "https, at every byte" every_byte
        stage "clang++-14 and its library" clang_14
        stage "warnings of clang++-14" warnings clang++-14
        stage "big-endian" big_endian
        stage "big-endian, 32 bits" big_endian_32
        stage "aarch64, NEON" aarch64
        stage "riscv64" riscv64
        stage "musl" musl
        stage "proofs" proofs
        stage "other people's parsers" python3 "$root/tests/differential/witness.py"
        stage "items beside npm's openai" python3 "$root/tests/differential/round_trip.py"
        stage "soak" sh "$root/tests/soak/soak.sh"
        stage "old faults put back" python3 "$root/tests/mutate/old_faults.py"
    else
        skip "valgrind, https at every byte, clang++-14, Windows whole, big-endian, aarch64, riscv64, musl: sh tests/run.sh --weekly"
        skip "proofs, other people's parsers, soak, old faults: sh tests/run.sh --weekly"
    fi
    stage "https by mbedTLS 3.6" mbedtls_3
    stage "warnings on Windows" windows_warnings
    stage "packages on Windows" windows_packages
    stage "warnings" warnings g++-12 clang++-19
    stage "call sites, by us and others" callsite
    stage "bare metal" bare_metal
    stage "static analysis" static_analysis
    stage "firmware, emulated" firmware
    stage "adapters" adapters
    if [ -f "$root/tests/bench/gate.sh" ]; then stage "size and speed" size_and_speed; fi
fi

in_words <"$totals"
[ "$(failures)" = 0 ]
