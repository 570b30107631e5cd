#!/usr/bin/env python3
"""Instructions and stack on an emulated Cortex-M3: an answer of 2,000 tokens, by SysTick of an emulator that counts.

    on_target.py          the figures; the program is flash/tokens.cpp, the answer that of instructions/corpus.py
"""
import re
import sys

import limits
import support

sys.path[:0] = [str(support.HERE / "instructions"), str(support.ROOT / "tests/firmware")]
import corpus  # noqa: E402  pylint: disable=wrong-import-position
from boards import M3, Run  # noqa: E402  pylint: disable=wrong-import-position

SOURCE = support.HERE / "flash/tokens.cpp"
DIRECTORY = support.build_directory("on_target")
EVENTS = 2000
READS = (536, 64)          # a TCP segment of the smallest kind; what a UART's ring may have
LOOP_INSTRUCTIONS = 2e6    # of the loop by which the program calibrates


def measured(image):
    """What the program says, its instructions counted from ticks."""
    done = Run([*M3.command(image), "-icount", "shift=0"], timeout=200, cwd=DIRECTORY)
    if done.status != 0:
        raise support.Failed(repr(done))
    said = {name: int(value) for name, value in re.findall(r"^(\w+) (\d+)$", done.text, re.MULTILINE)}
    said["instructions"] = round(said["ticks"] * LOOP_INSTRUCTIONS / said["loop_ticks"])
    return said


def measure(table, _):
    if M3.missing():
        table.heading(f"not measured: {', '.join(M3.missing())} is not there")
        return
    events, size, _ = corpus.generate("openai", EVENTS, DIRECTORY / "answer.http")
    for read in READS:
        image = M3.build(f"tokens-{read}", *support.header_args(HEADER), f"-DBENCH_READ={read}", program=[SOURCE])
        said = measured(image)
        table.check(f"reads of {read} bytes: the text is the generator's", said["text"] == size,
                    "" if said["text"] == size else f"{said['text']:,} bytes of {size:,}")
        table.row(f"    instructions for {events:,} events", said["instructions"], limits.TARGET_INSTRUCTIONS[read])
        table.row("    instructions per event", said["instructions"] / events)
        for name, millions in limits.TARGET_INSTRUCTIONS_OF_OTHERS.items():
            table.row(f"    compared with {name}", said["instructions"] / millions / 1e6, note=f"of {millions} million")
        table.row("    stack beside the Stream", said["stack"] - said["stream"], limits.STACK_BESIDE_STREAM)
    table.row("    the Stream", said["stream"])


if __name__ == "__main__":
    HEADER = support.header()
    sys.exit(support.main(measure, f"on a Cortex-M3, 2 KiB of memory ({HEADER.name})"))
