#!/usr/bin/env python3
"""Instructions per event, counted by callgrind over a generated answer (instructions/corpus.py).

    instructions.py             the figures
    instructions.py --profile   and where they are spent: by function of the program, and by function of the source
"""
import collections
import re
import shutil
import sys

import limits
import support
from support import Failed, run

SOURCE = support.HERE / "instructions"
sys.path.insert(0, str(SOURCE))
import corpus  # noqa: E402  pylint: disable=wrong-import-position
from inlined import inlined, short  # noqa: E402  pylint: disable=wrong-import-position

DIRECTORY = support.build_directory("instructions")
EVENTS = 2000
RUNS = [("openai", 16384), ("openai", 64), ("llama", 16384), ("llama", 64), ("varied", 16384)]
KEYS = {"openai": "OpenAI's order", "llama": "choices first", "varied": "other values in each event"}
FLAGS = ["-std=c++17", "-O2", "-g", "-no-pie", "-Wall", "-Wextra", "-Werror"]
# name, compiler, further flags
BUILDS = [
    ("g++ -O2", ("g++-12", "g++"), []),
    ("clang++ -O2", ("clang++-14", "clang++"), []),
    ("g++ -O2, no SIMD", ("g++-12", "g++"), ["-DOPENAI_STREAM_NO_SIMD"]),
]


def compiler(names):
    for name in names:
        if shutil.which(name):
            return name
    raise Failed(f"none of {names} is there")


def build(name, names, flags):
    program = DIRECTORY / re.sub(r"\W+", "_", name)
    run(compiler(names), *FLAGS, *flags, *support.header_args(HEADER), SOURCE / "feed.cpp", "-o", program)
    return program


def count(program, path, read_bytes, profile=None):
    """(instructions within feed(), what the program printed)"""
    out = profile or DIRECTORY / "callgrind.out"
    printed = run("valgrind", "--tool=callgrind", "-q", f"--callgrind-out-file={out}", "--collect-atstart=no",
                  "--toggle-collect=feed(*", "--toggle-collect=outside::Link::read(*", "--toggle-collect=outside::Text::add(*",
                  "--dump-instr=yes", "--compress-pos=no",
                  "--compress-strings=no", program, path, read_bytes)
    totals = re.search(r"^totals: (\d+)", out.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    return int(totals.group(1)), printed.split()


def profiles(program, path):
    """Costs by function as linked, by function as written (inlined ones told apart), by source file."""
    linked, written, files, addresses = (collections.Counter() for _ in range(4))
    function = ""
    is_ours = is_call = False
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("ob="):
            is_ours = line.endswith("/" + program.name)
        elif line.startswith("fn="):
            function = line[3:]
        elif line.startswith("calls="):
            is_call = True  # the next line is the cost of what was called, counted there
        elif line.startswith("0x"):
            address, _, cost = line.split()
            if not is_call:
                linked[short(function)] += int(cost)
                if is_ours:
                    addresses[int(address, 16)] += int(cost)
                else:
                    written[short(function)] += int(cost)
                    files["C library"] += int(cost)
            is_call = False
    places = inlined(program, addresses)
    for address, cost in addresses.items():
        name, file = places[address]
        written[f"{name}  [{file}]"] += cost
        files[file] += cost
    return linked, written, files


def measure(table, options):
    corpora = {}
    for style in KEYS:
        path = DIRECTORY / f"{style}.http"
        events, size, text_hash = corpus.generate(style, EVENTS, path)
        corpora[style] = path, events, [str(size), f"{text_hash:016x}"]

    shown, wrong = [], []
    for name, names, flags in BUILDS:
        program = build(name, names, flags)
        per_event = {}
        for style, read_bytes in RUNS:
            path, events, expected = corpora[style]
            profile = DIRECTORY / f"{program.name}-{style}-{read_bytes}.callgrind"
            total, printed = count(program, path, read_bytes, profile)
            per_event[style, read_bytes] = total / events
            limit = limits.INSTRUCTIONS_PER_EVENT.get(read_bytes) if (name, style) == ("g++ -O2", "openai") else None
            table.row(f"{name}: {KEYS[style]}, reads of {read_bytes:,} bytes", total / events, limit)
            if printed != expected:
                wrong.append(f"{name}, {style}, {read_bytes}: {printed}, expected {expected}")
            if (style, read_bytes) == RUNS[0]:
                shown.append((name, program, profile, events))
        large, small = per_event["openai", 16384], per_event["openai", 64]
        table.row("    reads of 64 bytes, compared with 16,384", small / large)
    table.check("the text of each run is the generator's", not wrong, "; ".join(wrong[:2]))

    if "--profile" in options:
        for name, program, profile, events in shown:
            linked, written, files = profiles(program, profile)
            for title, counter, length in (("functions as linked", linked, 15), ("functions as written", written, 40),
                                           ("files", files, 25)):
                print(f"\n  {name}: {title}, instructions per event")
                for what, cost in counter.most_common(length):
                    print(f"    {cost / events:>8.1f}  {what}")


if __name__ == "__main__":
    HEADER = support.header()
    sys.exit(support.main(measure, f"instructions per event of 330 bytes ({HEADER.name})"))
