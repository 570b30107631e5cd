#!/usr/bin/env python3
"""Instructions per event beside what one would put together otherwise, counted by callgrind in one run.

    compare.py            the table: each corpus of compare/corpora.py, in reads of four sizes, by us and by all others
    compare.py --check    what README.md says of the best and the worst case, and the limits of limits.py; half a minute
    compare.py --write    the table, and writes README.md's figures and speed.svg

All are compiled by g++ -O2 and given the same bytes in the same reads. The program around them, which brings the bytes
and hashes the text, is not counted; what it costs is said (measured by a reader that throws away what it gets). The hash
is compared with that of the generator's own text: who skips something is found out. simdjson chooses AVX2 when it runs,
where there is that; we are compiled without.

PICOHTTPPARSER_SOURCE and YYJSON_SOURCE name folders with the sources of these two (run.sh gets them); simdjson, RapidJSON,
nlohmann's library and http-parser are Debian's packages. Who is not there is said, and the others are compared.
BENCH_COMPILER names another compiler than "g++-12 -O2", for all of them; the figures that are checked are not its.
"""
import os
import pathlib
import re
import shutil
import sys
from typing import NamedTuple

import limits
import support
from support import Failed, run

SOURCE = support.HERE / "compare"
sys.path += [str(SOURCE), str(support.HERE / "instructions")]
from corpora import CORPORA, NONE, generate  # noqa: E402  pylint: disable=wrong-import-position
import chart  # noqa: E402  pylint: disable=wrong-import-position

DIRECTORY = support.build_directory("compare")
README, PICTURE = support.ROOT / "README.md", support.HERE / "speed.svg"
BEGIN, END = "<!-- tests/bench/compare.py --write -->\n", "<!-- until here -->\n"
COMPILER = os.environ.get("BENCH_COMPILER", "g++-12 -O2" if shutil.which("g++-12") else "g++ -O2").split()
FLAGS = ["-std=c++17", "-no-pie", "-Wall", "-Wextra", "-Werror"]
READS = {"16384": "16 KiB", "event": "one event", "1400": "1,400 bytes", "64": "64 bytes"}
DRAWN = ("16384", "event", "64")
TOLERANCE = 1.03  # of what README.md says
US = "us"


class Other(NamedTuple):
    """Who reads; macros of others.cpp; headers that must be there; sources in C; libraries."""
    macros: list
    headers: list = ()
    sources: list = ()
    libraries: list = ()


def place(variable, *names):
    """The folder of sources that a variable names, if it has these files."""
    folder = pathlib.Path(os.environ.get(variable, "/nowhere"))
    for under in ("", "src", "deps/picohttpparser"):
        if all((folder / under / name).exists() for name in names):
            return folder / under
    return pathlib.Path("/nowhere")


INCLUDE = pathlib.Path("/usr/include")
PICO = place("PICOHTTPPARSER_SOURCE", "picohttpparser.c", "picohttpparser.h")
YYJSON = place("YYJSON_SOURCE", "yyjson.c", "yyjson.h")
WITH_PICO = [PICO / "picohttpparser.c"]
OTHERS = {
    "picohttpparser + simdjson": Other(["HTTP_PICO", "JSON_SIMDJSON"], [INCLUDE / "simdjson.h"], WITH_PICO,
                                       ["-lsimdjson"]),
    "picohttpparser + yyjson": Other(["HTTP_PICO", "JSON_YYJSON"], [], [*WITH_PICO, YYJSON / "yyjson.c"]),
    "picohttpparser + RapidJSON": Other(["HTTP_PICO", "JSON_RAPIDJSON", "RAPIDJSON_SSE2"],
                                        [INCLUDE / "rapidjson/document.h"], WITH_PICO),
    "picohttpparser + nlohmann": Other(["HTTP_PICO", "JSON_NLOHMANN"], [INCLUDE / "nlohmann/json.hpp"], WITH_PICO),
    "http-parser + simdjson": Other(["HTTP_NODE", "JSON_SIMDJSON"],
                                    [INCLUDE / "simdjson.h", INCLUDE / "http_parser.h"], [],
                                    ["-lsimdjson", "-lhttp_parser"]),
    "memcpy": Other(["LIMIT_MEMCPY"]),
    "memchr": Other(["LIMIT_MEMCHR"]),
    "nobody": Other(["LIMIT_EMPTY"]),
}
LIMITS = ("memcpy", "memchr", "nobody")
SHORT = {"picohttpparser + simdjson": "p+simd", "picohttpparser + yyjson": "p+yyjson",  # for the table
         "picohttpparser + RapidJSON": "p+Rapid", "picohttpparser + nlohmann": "p+nlohm",
         "http-parser + simdjson": "h+simd"}


def build(name):
    """The program of that reader, or None where something is not there."""
    program = DIRECTORY / re.sub(r"\W+", "_", name)
    if name == US:
        run(*COMPILER, *FLAGS, *support.header_args(HEADER), SOURCE / "ours.cpp", "-o", program)
        return program
    other = OTHERS[name]
    if not all(path.exists() for path in [*other.headers, *other.sources]):
        return None
    objects = []
    for source in other.sources:
        objects.append(DIRECTORY / f"{source.stem}.o")
        in_c = COMPILER[0].replace("clang++", "clang").replace("g++", "gcc")
        run(in_c, *COMPILER[1:], "-DNDEBUG", "-w", "-c", source, "-o", objects[-1])
    run(*COMPILER, *FLAGS, "-DNDEBUG", *(f"-D{macro}" for macro in other.macros),
        *(word for source in other.sources for word in ("-isystem", source.parent)), SOURCE / "others.cpp", *objects,
        "-o", program, *other.libraries)
    return program


class Cost(NamedTuple):
    """Instructions of a whole answer."""
    own: int
    harness: int
    sink: int


def cost_in(path):
    """Of one dump of callgrind: what was done outside is what calls into it cost."""
    total, outside, called, is_call = 0, {"read": 0, "add": 0}, "", False
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("cfn="):
            called = line[4:]
        elif line.startswith("calls="):
            is_call = True  # the next line is the cost of what was called
        elif line[:1].isdigit() or line[:1] in "+-*":
            if is_call and called.startswith(("outside::Link::read", "outside::Text::add")):
                outside["read" if "Link" in called else "add"] += int(line.split()[1])
            is_call = False
        elif line.startswith(("totals:", "summary:")):
            total = int(line.split()[1])
    return Cost(total - sum(outside.values()), outside["read"], outside["add"])


def measured(name, program, jobs, corpora):
    """{job: Cost}, and which texts were wrong."""
    out = DIRECTORY / "callgrind.out"
    for old in DIRECTORY.glob("callgrind.out*"):
        old.unlink()
    words = []
    for corpus, read in jobs:
        words += [CORPORA[corpus].api, "body" if CORPORA[corpus].framing == NONE else "http", read, corpora[corpus][0]]
    printed = run("env", "LD_BIND_NOW=1", "valgrind", "--tool=callgrind", "-q", f"--callgrind-out-file={out}",
                  "--collect-atstart=no", "--toggle-collect=Reader::feed(*", "--compress-pos=no", "--compress-strings=no",
                  program, *words).splitlines()
    costs, wrong = {}, []
    for number, (job, line) in enumerate(zip(jobs, printed), 1):
        costs[job] = cost_in(pathlib.Path(f"{out}.{number}"))
        if name not in LIMITS and line.split() != corpora[job[0]][2]:
            wrong.append(f"{name}: {job[0]}, reads of {job[1]}: {line}")
    return costs, wrong


def answers(names):
    """{corpus: (path, events, what must be printed)}"""
    made = {}
    for corpus in names:
        path = DIRECTORY / (re.sub(r"\W+", "_", corpus) + ".http")
        events, size, text_hash = generate(corpus, path)
        made[corpus] = path, events, [str(size), f"{text_hash:016x}"]
    return made


def rows_of(table, jobs, names):
    """{job: {reader: instructions per event}}; what is outside of them is said."""
    corpora = answers(dict.fromkeys(corpus for corpus, _ in jobs))
    rows, wrong, outside, sink = {job: {} for job in jobs}, [], {}, {}
    for name in names:
        why = "its sources or headers are not there"
        try:
            program = build(name)
        except Failed:
            if name == US or "BENCH_COMPILER" not in os.environ:
                raise
            program, why = None, f"{COMPILER[0]} does not compile it"
        if not program:
            table.heading(f"SKIPPED: {name}: {why}")
            continue
        costs, found = measured(name, program, jobs, corpora)
        wrong += found
        for job, cost in costs.items():
            events = corpora[job[0]][1]
            if name == "nobody":
                outside[job] = (cost.own + cost.harness) / events
                continue
            if name == US:
                sink[job] = cost.sink / events
            rows[job][name] = cost.own / events
    for title, what in (("the same program with a reader that throws all away", outside), ("hashing the text", sink)):
        if what:
            table.heading(f"not counted: {title}, {min(what.values()):,.0f} to {max(what.values()):,.0f} an event")
    table.check("the text of each run is the generator's", not wrong, "; ".join(wrong[:3]))
    return rows


def best_of(row):
    """(instructions, who) of the best combination."""
    found = [(value, name) for name, value in row.items() if name != US and name not in LIMITS]
    if not found:
        raise Failed("nobody to compare with is there")
    return min(found)


def ratio(row):
    return best_of(row)[0] / row[US]


def show(rows):
    names = list(next(iter(rows.values())))
    print(f"\n  {'instructions per event':<28} {'reads':>11} " + " ".join(f"{SHORT.get(name, name):>8}" for name in names) + "   ratio")
    for (corpus, read), row in rows.items():
        cells = " ".join(f"{row[name]:>8,.0f}" for name in names)
        print(f"  {corpus:<28} {READS[read]:>11} {cells}   {ratio(row):>5.2f}")
    print("  ratio: of the best combination to us; less than 1: we are slower\n", flush=True)


# ---- README.md ------------------------------------------------------------------------------------------------------

HEADS = "| reads of | our best: instructions per event, the best of the others' | our worst |\n|---|---|---|\n"


def written(rows):
    lines = []
    for read, size in READS.items():
        those = {job: row for job, row in rows.items() if job[1] == read}
        cells = []
        for pick in (max, min):
            job = pick(those, key=lambda one: ratio(those[one]))
            value, name = best_of(those[job])
            cells.append(f"{job[0]}: {those[job][US]:,.0f}, {value:,.0f} by {name} ({ratio(those[job]):.2f})")
        lines.append(f"| {size} | " + " | ".join(cells) + " |")
    return f"![Instructions per event, ours and the best of the others]({PICTURE.relative_to(support.ROOT)})\n\n" + HEADS + \
        "\n".join(lines) + "\n"


def said():
    """{job: (ours, the best of the others', who)} of README.md"""
    block = README.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    sizes = {size: read for read, size in READS.items()}
    found = {}
    for size, best, worst in re.findall(r"^\| (\d.*?|one event) \| (.*?) \| (.*?) \|$", block, re.MULTILINE):
        for cell in (best, worst):
            corpus, ours, value, name = re.fullmatch(r"(.*): ([\d,]+), ([\d,]+) by (.*) \(.*\)", cell).groups()
            found[corpus, sizes[size]] = int(ours.replace(",", "")), int(value.replace(",", "")), name
    return found


def check(table):
    documented = said()
    jobs = list(dict.fromkeys([*documented, *limits.COMPARED]))
    rows = rows_of(table, jobs, [US, *dict.fromkeys(name for _, _, name in documented.values())])
    for job, (ours, value, name) in documented.items():
        title = f"{job[0]}, reads of {READS[job[1]]}"
        table.row(f"{title}: README.md", rows[job][US], int(ours * TOLERANCE),
                  "" if rows[job][US] * TOLERANCE >= ours else "less; --write")
        if name in rows[job]:
            table.check(f"    {name} as README.md says", abs(rows[job][name] / value - 1) <= TOLERANCE - 1,
                        f"{rows[job][name]:,.0f}, README.md says {value:,}")
    for job, (instructions, at_least) in limits.COMPARED.items():
        table.row(f"{job[0]}, reads of {READS[job[1]]}", rows[job][US], instructions)
        if len(rows[job]) > 1:
            table.check("    times the best of the others, at least", ratio(rows[job]) >= at_least,
                        f"{ratio(rows[job]):.2f}, limit {at_least}")


def measure(table, options):
    if "--check" in options:
        check(table)
        return
    rows = rows_of(table, [(corpus, read) for corpus in CORPORA for read in READS], [US, *OTHERS])
    show(rows)
    if "--write" in options and "BENCH_COMPILER" not in os.environ:
        before, rest = README.read_text("utf-8").split(BEGIN)
        README.write_text(before + BEGIN + written(rows) + END + rest.partition(END)[2], "utf-8")
        PICTURE.write_text(chart.pairs_of_bars(
            {READS[read]: {corpus: (rows[corpus, read][US], best_of(rows[corpus, read])[0]) for corpus in CORPORA}
             for read in DRAWN}), "ascii")


if __name__ == "__main__":
    HEADER = support.header()
    sys.exit(support.main(measure, f"beside others, instructions per event, {' '.join(COMPILER)} ({HEADER.name})"))
