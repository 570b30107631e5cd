#!/bin/sh
# Run: sh examples/run.sh [--tools [--responses]] ["question"]
#      sh examples/run.sh --image ["prompt"] | --speak ["question"] | --transcribe RECORDING
#
# In a terminal, without a question: a chat. With a question, or without a terminal: one answer, and the exit status is
# 0 if it was complete. With --tools, an answer for which tools are called; with --image, image.png; with --speak, an
# answer whose sound goes to speech.pcm; with --transcribe, what is said in a recording. Builds what that takes with the C++ compiler
# that is there (CXX, c++, g++ or clang++). Unless OPENAI_BASE_URL names a server, one is built from local_server/,
# started on a free port of this machine and stopped at the end. A URL with https takes mbedTLS. Answers go to standard
# output, all else to standard error.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
program=quick
api=''
default='Why is the sky blue?'
if [ $# -eq 0 ] && [ -t 0 ] && [ -t 1 ]; then program=chat; fi
if [ "${1:-}" = --tools ]; then
    program=tool_calls
    default='What are the weather in Brest and the time in Bergen?'
    shift
    if [ "${1:-}" = --responses ]; then api=$1 && shift; fi
fi
case ${1:-} in
    --image) program=image_to_file default='A lighthouse at night' ;;
    --speak) program=speak ;;
    --transcribe) program=transcribe default='' ;;
esac
case $program in image_to_file | speak | transcribe) shift ;; esac
question=${*:-$default}
children=''

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "run.sh: $*"
    exit 1
}

finish() {
    status=$?
    trap - EXIT INT TERM HUP
    for child in $children; do kill "$child" 2>/dev/null || :; done
    for child in $children; do wait "$child" 2>/dev/null || :; done
    rm -rf -- "$work"
    exit "$status"
}

# Commands run in the background and are waited for, so that a signal to this script is heard at once.
start() {
    "$@" &
    children="$children $!"
}

# compile SOURCE TARGET OPTIONS...
compile() {
    source=$1
    target=$2
    shift 2
    # CXX may hold words: "ccache g++".
    # shellcheck disable=SC2086
    start $compiler -std=c++17 -O1 "$source" -o "$work/$target" "$@"
}

# All of its files as one, which takes a third of the time that one by one takes.
compile_server() {
    (cd -- "$here" && printf '#include "%s"\n' local_server/*.cpp) >"$work/local_server.cpp"
    compile "$work/local_server.cpp" local_server "-I$here" -pthread
}

install_compiler() {
    command -v apt-get >/dev/null || fail 'there is no C++ compiler. Install g++ or clang++, or name one in CXX.'
    sudo=''
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    say "There is no C++ compiler; installing g++ with ${sudo:+sudo }apt-get, which takes a minute ..."
    {
        $sudo apt-get update &&
            $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends g++
    } >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        fail 'apt-get could not install g++.'
    }
    compiler=g++
}

[ -n "$question" ] || fail 'which recording? sh examples/run.sh --transcribe RECORDING'
work=$(mktemp -d "${TMPDIR:-/tmp}/openai_stream.XXXXXX")
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

compiler=${CXX:-}
for name in c++ g++ clang++; do
    [ -n "$compiler" ] || ! command -v "$name" >/dev/null || compiler=$name
done
[ -n "$compiler" ] || install_compiler

tls=''
case ${OPENAI_BASE_URL:-} in
    [Hh][Tt][Tt][Pp][Ss]:*)
        tls='-DOPENAI_STREAM_MBEDTLS -lmbedtls -lmbedx509 -lmbedcrypto'
        # shellcheck disable=SC2086
        echo '#include <mbedtls/ssl.h>' | $compiler -E -x c++ - >/dev/null 2>&1 ||
            fail 'https needs mbedTLS, which is not there. Install libmbedtls-dev (Debian, Ubuntu), mbedtls-devel'\
                '(Fedora), mbedtls-dev (Alpine) or mbedtls (Arch, Homebrew).'
        ;;
esac

if [ -n "${OPENAI_BASE_URL:-}" ]; then
    say "Building $program.cpp with $compiler ..."
else
    say "Building $program.cpp and local_server with $compiler ..."
    compile_server
fi
# shellcheck disable=SC2086
compile "$here/$program.cpp" "$program" "-I$here/.." $tls
for child in $children; do wait "$child" || fail 'the build failed.'; done
children=''

if [ -z "${OPENAI_BASE_URL:-}" ]; then
    mkfifo "$work/said"
    "$work/local_server" --port 0 >"$work/said" &
    children=$!
    read -r line <"$work/said" || fail 'the local server did not start.'
    OPENAI_BASE_URL=${line##* }
    OPENAI_API_KEY=''
    export OPENAI_BASE_URL OPENAI_API_KEY
fi

if [ $program = chat ]; then
    trap : INT  # Ctrl-C is meant for the chat
    "$work/chat"
    exit
fi
say "Asking $OPENAI_BASE_URL: $question"
say
start "$work/$program" ${api:+"$api"} "$question"
wait "$!"
