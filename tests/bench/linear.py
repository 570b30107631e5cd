#!/usr/bin/env python3
"""Cost is linear in the input, whatever it is made of and however it is cut.

    linear.py             each shape once with 64 MiB, and instructions for 1 and 2 MiB of it, in reads of 64 bytes to 1 MiB
                          and buffers of 2 to 64 KiB
    linear.py --table     and instructions per byte for each of these
"""
import re
import sys
import time

import limits
import support
from support import run

DIRECTORY = support.build_directory("linear")
MEBIBYTE = 1 << 20
# Fewer bytes of what takes more instructions, so that counting stays quick.
COUNTED = {"chunks of one byte": MEBIBYTE // 8, "empty data lines": MEBIBYTE // 4}


# (read bytes, buffer bytes)
GRID = [(64, 2048), (64, 65536), (1024, 2048), (16384, 16384), (MEBIBYTE, 2048), (MEBIBYTE, 65536)]
REQUEST_GRID = [(64, 2048), (MEBIBYTE, 2048), (MEBIBYTE, 16384)]  # what the link takes at a time


def instructions(program, shape):
    """{(read bytes, buffer bytes): (instructions for n bytes, for 2 n bytes)}"""
    cells = REQUEST_GRID if shape.startswith("request") else GRID
    size = COUNTED.get(shape, MEBIBYTE)
    arguments = [word for cell in cells for count in (size, 2 * size) for word in (shape, count, *cell)]
    out = DIRECTORY / "callgrind.out"
    for old in DIRECTORY.glob("callgrind.out*"):
        old.unlink()
    run("valgrind", "--tool=callgrind", "-q", f"--callgrind-out-file={out}", "--collect-atstart=no",
        "--toggle-collect=measured(*", "--toggle-collect=outside::Source::read(*", "--toggle-collect=outside::add(*",
        "--toggle-collect=outside::File::read_at(*", program, *arguments)
    totals = []
    for number in range(1, 2 * len(cells) + 1):
        text = (DIRECTORY / f"callgrind.out.{number}").read_text(encoding="utf-8", errors="replace")
        totals.append(int(re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE).group(1)))
    return {cell: (totals[2 * index], totals[2 * index + 1]) for index, cell in enumerate(cells)}, size


def peak_kib(program, shape, size):
    """The most memory that the whole program has at a time, in 2 KiB for the library."""
    return int(run(program, shape, size, 2048, 2048, "--peak").split()[-1])


def measure_files(table, program):
    """What is read from a file while it is sent is never in memory."""
    for shape in ("request: picture from a file", "request: text from a file"):
        small, large = (peak_kib(program, shape, size) for size in (10_000, 10_000_000))
        table.row(f"{shape}, 10 KB through 2 KiB: KiB of the process at most", small)
        table.row(f"{shape}, 10 MB through 2 KiB: the same", large, small + 100)


def measure(table, options):
    program = DIRECTORY / "linear"
    run("g++", "-std=c++17", "-O2", "-g", "-no-pie", "-Wall", "-Wextra", "-Werror", *support.header_args(HEADER),
        support.HERE / "linear" / "linear.cpp", "-o", program)
    for shape, limit in limits.INSTRUCTIONS_PER_BYTE.items():
        cells, size = instructions(program, shape)
        per_byte = {cell: two / (2 * size) for cell, (_, two) in cells.items()}
        ratio = max(two / one for one, two in cells.values())
        table.row(f"{shape}: instructions per byte, at worst", max(per_byte.values()), limit)
        table.row(f"{shape}: twice as much of it costs so many times", ratio, limits.DOUBLING_RATIO)
        if "--table" in options:
            for (read_bytes, buffer_bytes), value in per_byte.items():
                table.row(f"    reads of {read_bytes:,} bytes, a buffer of {buffer_bytes:,}", value)
    measure_files(table, program)
    for shape in limits.INSTRUCTIONS_PER_BYTE:
        if shape.startswith("request"):
            continue
        began = time.monotonic()
        cells = [(MEBIBYTE, 65536)] if shape in COUNTED else [(64, 2048), (MEBIBYTE, 2048), (MEBIBYTE, 65536)]
        text = run(program, *(word for cell in cells for word in (shape, 64 * MEBIBYTE, *cell))).split()
        table.check(f"{shape}: 64 MiB pass", len(text) == len(cells), f"{time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    HEADER = support.header()
    sys.exit(support.main(measure, f"linear cost ({HEADER.name})"))
