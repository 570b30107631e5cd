#!/usr/bin/env python3
"""The errors in src/tour.txt are those of src/base/error.hpp: errors_test.py SOURCE_ROOT

The same groups, names and order; of each what describe() says, and a line that says what to do.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from support import Result  # noqa: E402  pylint: disable=wrong-import-position

ROOT = pathlib.Path(sys.argv[1])
CATEGORIES = ["caller", "capacity", "transport", "protocol", "server"]


def declared():
    """[(group's line, [(name, sentence)])] of the header."""
    text = (ROOT / "src/base/error.hpp").read_text(encoding="ascii")
    sentences = dict(re.findall(r'case Error::(\w+): return "(.*)";', text))
    groups = []
    body = re.search(r"enum class Error : uint8_t \{\n    none,\n(.*?)\n\};", text, re.DOTALL)[1]
    for line in body.split("\n"):
        group, name = re.fullmatch(r"    // (.*)", line), re.match(r"    (\w+),", line)
        if group:
            groups.append((group[1], []))
        else:
            groups[-1][1].append((name[1], sentences[name[1]]))
    return groups


def said():
    """The same of the tour, and [(name, what to do)]."""
    text = (ROOT / "src/tour.txt").read_text(encoding="ascii")
    section = re.search(r"\nERRORS\n(.*?)\n[A-Z]+\n\n", text, re.DOTALL)[1]
    groups, advice = [], []
    for line in section.split("\n"):
        group, row = re.fullmatch(r"    (\w+: .*)", line), re.fullmatch(r" {8}(\w+) +(.*)", line)
        todo = re.fullmatch(r" {30}-> (.*)", line)
        if group:
            groups.append((group[1], []))
        elif row:
            groups[-1][1].append((row[1], row[2]))
        elif todo:
            advice.append((groups[-1][1][-1][0], todo[1]))
    return groups, advice


def same(one, other):
    assert one == other, f"the tour says {one!r}, error.hpp {other!r}"


def problems():
    """The names of TlsProblem: (in the tour, in the header)."""
    text = (ROOT / "src/tour.txt").read_text(encoding="ascii")
    section = re.search(r"\nTLS\n(.*?)\n[A-Z]+\n\n", text, re.DOTALL)[1]
    header = (ROOT / "src/platform/tls_problem.hpp").read_text(encoding="ascii")
    body = re.search(r"enum class TlsProblem : uint8_t \{\n    none,.*?\n(.*?)\n\};", header, re.DOTALL)[1]
    return re.findall(r"^ {8}(\w+) {2,}\S", section, re.MULTILINE), re.findall(r"^    (\w+),", body, re.MULTILINE)


def main():
    result = Result()
    result.run("problems of TLS, in order", same, *problems())
    (groups, advice), wanted = said(), declared()
    result.run("groups", same, [group for group, _ in groups], [group for group, _ in wanted])
    result.run("groups are those of ErrorCategory", same, [group.split(":")[0] for group, _ in wanted], CATEGORIES)
    names = [name for _, rows in wanted for name, _ in rows]
    result.run("names, in order", same, [name for _, rows in groups for name, _ in rows], names)
    here = {name: sentence for _, rows in groups for name, sentence in rows}
    for _, rows in wanted:
        for name, sentence in rows:
            result.run(f"what {name} means", same, here.get(name), sentence)
    result.run("what to do, once for each", same, [name for name, _ in advice], names)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
