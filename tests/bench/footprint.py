#!/usr/bin/env python3
"""Flash, objects and stack by what a program uses, on three small machines: the table of README.md.

    footprint.py           measures, and compares with README.md: 2 % more than it says is a failure
    footprint.py --write   and writes it there, and flash.svg

What others take for parts of the same is measured where their sources are: HTTP_PARSER_SOURCE, CJSON_SOURCE (run.sh
fetches them) and jsmn's header; else README.md keeps what it says.
"""
import json
import os
import pathlib
import re
import shutil
import sys

import chart
import flash
import limits
import support
from flash import ARM, M3, SOURCES, Image, Target
from support import run

README, PICTURE = support.ROOT / "README.md", support.HERE / "flash.svg"
TITLE = "Flash on a Cortex-M3, bytes (-Os, net of start-up code)"
VIRT = support.ROOT / "examples/firmware/virt/memory.ld"
M0 = Target("m0", *ARM, ["-mcpu=cortex-m0plus", "-mthumb"], ["--specs=nano.specs", "-T", SOURCES / "m3.ld"])
RV32 = Target("rv32", "riscv64-unknown-elf-gcc", "riscv64-unknown-elf-",
              ["--specs=picolibc.specs", "-xc++", "-march=rv32imac", "-misa-spec=2.2", "-mabi=ilp32", "-mcmodel=medany"],
              ["-xnone", "-T", VIRT], "board_rv32.cpp")
TARGETS = {"Cortex-M3": M3, "Cortex-M0+": M0, "RV32": RV32}
GROWTH = 1.02
# What a program uses: its name in the table, source and macro, the objects it has, and what of it can be run.
CONFIGURATIONS = [
    ("the decoder of events alone", "pieces.cpp", "PIECE_SSE", ["sse::EventAssembler"], None),
    ("answers, fed by an HTTP client of yours", "pieces.cpp", "PIECE_EXCHANGE", ["Exchange"], None),
    ("a chat client", "chat.cpp", "CLIENT_CHAT", ["Stream"], "chat"),
    ("with Timeouts", "chat.cpp", "CLIENT_TIMEOUTS", ["Stream", "Timeouts"], "chat"),
    ("with a RetryPolicy", "chat.cpp", "CLIENT_RETRIES", ["Stream", "RetryPolicy"], "chat"),
    ("with a FieldStream", "chat.cpp", "CLIENT_FIELDS", ["Stream", "FieldStream"], "fields"),
    ("with a Collector", "chat.cpp", "CLIENT_COLLECTOR", ["Stream", "Collector"], "chat"),
    ("a client of the Responses API", "chat.cpp", "CLIENT_RESPONSES", ["Stream"], "responses"),
]
BEGIN, END = "<!-- tests/bench/footprint.py --write -->\n", "<!-- until here -->\n"


def typed(kind, **members):
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), json.dumps({"type": kind, **members}).encode())


RESPONSE = {"id": "resp_1", "object": "response", "created_at": 1754693440, "model": "local", "output": []}
ANSWERS = {
    "chat": flash.SCRIPTS[1][1],
    "fields": flash.HEAD % (b"200 OK", b"text/event-stream") + flash.chunked(
        flash.chat_event({"role": "assistant", "content": json.dumps({"emotion": "joy", "reply": flash.LONG})}, "stop"),
        b"data: [DONE]\n\n"),
    "responses": flash.HEAD % (b"200 OK", b"text/event-stream") + flash.chunked(
        typed("response.created", sequence_number=0, response={**RESPONSE, "status": "in_progress"}),
        typed("response.output_text.delta", sequence_number=1, item_id="msg_1", output_index=0, content_index=0, delta="Hello"),
        typed("response.output_text.delta", sequence_number=2, item_id="msg_1", output_index=0, content_index=0,
              delta=flash.LONG),
        typed("response.completed", sequence_number=3, response={**RESPONSE, "status": "completed"})),
}


def stack_of(image, kind):
    """Bytes of stack for a whole answer, the Stream and the program's own objects on it included."""
    status, printed, _, _ = flash.emulate(image, ANSWERS[kind])
    found = re.search(r"verdict=[12]\nstack=(\d+)\n\Z", printed)
    if status != 0 or not found:
        raise support.Failed(f"{image.elf.name}: status {status}, {printed[-200:]!r}")
    return int(found[1])


def measured(table, targets):
    """{configuration: {column: bytes}}"""
    figures, needed = {}, {}
    for title, target in targets.items():
        baseline = Image("baseline", "chat.cpp", "CLIENT_NONE", target=target).bytes()
        sizes = flash.type_sizes(target.compiler, target.prefix, target.flags, target.name)
        for name, source, macro, objects, kind in CONFIGURATIONS:
            image = Image(macro.lower(), source, macro, target=target)
            row = figures.setdefault(name, {})
            row[title] = image.bytes() - baseline
            row["objects"] = max(row.get("objects", 0), sum(sizes[one] for one in objects))
            if target is M3 and kind and shutil.which("qemu-system-arm"):
                row["stack"] = stack_of(image, kind)
            needed.setdefault(title, set()).update(image.undefined())
            forbidden = image.forbidden()
            if forbidden:
                table.check(f"{title}, {name}: no heap, no exceptions", False, " ".join(forbidden))
    for title, symbols in needed.items():
        more = symbols - limits.ALLOWED_SYMBOLS
        table.check(f"{title}: of a C library all of them need {' '.join(sorted(symbols))}", not more, " ".join(sorted(more)))
    return figures


def others(targets):
    """{name: {column: bytes}} of the parts that a program would be built from otherwise, as objects."""
    unit = flash.DIRECTORY / "jsmn.c"  # all of jsmn is in its header
    found = {}
    for name, variable, file in (("http-parser 2.9", "HTTP_PARSER_SOURCE", "http_parser.c"), ("jsmn 1.1", None, unit),
                                 ("cJSON 1.7, a heap, strtod and sprintf besides", "CJSON_SOURCE", "cJSON.c")):
        if variable is None:
            header = pathlib.Path("/usr/include/jsmn.h")
            if not header.exists():
                continue
            unit.write_text(f'#include "{header}"\n')
            source = unit
        else:
            source = pathlib.Path(os.environ.get(variable, "/nowhere")) / file
        if not source.exists():
            continue
        for title, target in targets.items():
            if target is RV32:
                continue  # (their C library is another one)
            place = flash.DIRECTORY / f"{source.stem}-{target.name}.o"
            run(ARM[1] + "gcc", *target.flags[:2], "-std=gnu99", "-Os", "-c", source, "-o", place)
            text, data = map(int, run(ARM[1] + "size", place).splitlines()[1].split()[:2])
            found.setdefault(name, {})[title] = text + data
    return found


# ---- the table ----------------------------------------------------------------------------------------------------------

COLUMNS = ["Cortex-M3", "Cortex-M0+", "RV32", "objects", "stack"]
HEADS = ["Cortex-M3", "Cortex-M0+", "RV32", "its objects", "stack, all of it"]


def written(figures):
    """The table, below its picture."""
    lines = ["| flash, net of start-up code, in bytes (`-Os`) | " + " | ".join(HEADS) + " |", "|---" * 6 + "|"]
    for name, row in figures.items():
        cells = [f"{row[column]:,}" if column in row else "" for column in COLUMNS]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return f"![{TITLE}]({PICTURE.relative_to(support.ROOT)})\n\n" + "\n".join(lines) + "\n"


def drawn(figures):
    return chart.bars(TITLE, {name: row["Cortex-M3"] for name, row in figures.items()},
                      lambda name: "stack" in figures[name] or "objects" in figures[name])


def said():
    """What README.md says: {name: {column: bytes}}"""
    block = README.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = {}
    for line in re.findall(r"^\| (.*) \|$", block, re.MULTILINE)[1:]:
        name, *cells = [cell.strip() for cell in line.split("|")]
        rows[name] = {column: int(cell.replace(",", "")) for column, cell in zip(COLUMNS, cells) if cell}
    return rows


def compare(table, figures):
    documented = said()
    for name, row in figures.items():
        for column, value in row.items():
            known = documented.get(name, {}).get(column)
            if known is None:
                table.check(f"{name}, {column}: README.md does not say it", False, "footprint.py --write")
            else:
                table.row(f"{name}, {column}", value, int(known * GROWTH), "" if value * GROWTH >= known else "less; --write")


def measure(table, options):
    targets = {title: target for title, target in TARGETS.items() if shutil.which(target.compiler)}
    for title in TARGETS.keys() - targets.keys():
        table.heading(f"SKIPPED: {title}: {TARGETS[title].compiler} is not there")
    figures = measured(table, targets)
    figures.update(others(targets))
    for name, row in said().items():  # what could not be measured here stays
        for column, value in row.items():
            if "--write" in options:
                figures.setdefault(name, {}).setdefault(column, value)
            elif column not in figures.get(name, {}):
                table.heading(f"SKIPPED: {name}, {column}: {value:,} was not measured")
    if "--write" in options:
        text = README.read_text("utf-8")
        before, rest = text.split(BEGIN)
        README.write_text(before + BEGIN + written(figures) + END + rest.partition(END)[2], "utf-8")
        PICTURE.write_text(drawn(figures), "ascii")
    compare(table, figures)
    figures = said()
    table.check("README.md and its picture are what would be written of its own figures",
                written(figures) in README.read_text("utf-8") and drawn(figures) == PICTURE.read_text("ascii"),
                "footprint.py --write")


if __name__ == "__main__":
    sys.exit(support.main(measure, f"footprint, bytes ({support.header().name})"))
