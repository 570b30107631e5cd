#!/usr/bin/env python3
"""The quirks in src/tour.txt are those of src/dialect/quirks.hpp: quirks_test.py SOURCE_ROOT [--write]

In the same order, each with what describe() says; --write puts them there. Each is named once by name_of(), has a row
of a table or a line of code that counts it, and a row of tests/io/quirks_test.cpp that shows it.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from support import Result  # noqa: E402  pylint: disable=wrong-import-position

ROOT = pathlib.Path(sys.argv[1])
TOUR = ROOT / "src/tour.txt"
TABLE = re.compile(r"(\nQUIRKS\n\n(?:.+\n)+\n)((?: {4}\w+ +\S.*\n)+)")
COLUMN = 26


def declared():
    """The names of the enumeration, in order."""
    text = (ROOT / "src/dialect/quirks.hpp").read_text(encoding="ascii")
    body = re.search(r"enum class Quirk : uint8_t \{\n(.*?)\n\};", text, re.DOTALL)[1]
    return re.findall(r"^    (\w+),", body, re.MULTILINE)


def described():
    """{name: sentence} and the names of name_of(), in order."""
    text = (ROOT / "src/dialect/quirk_names.hpp").read_text(encoding="ascii")
    words = re.search(r"const char\* name =\n((?: +\".*\"\n?)+);", text)[1]
    return dict(re.findall(r'case Quirk::(\w+): return "(.*)";', text)), re.findall(r"(\w+)\\0", words)


def table():
    sentences, _ = described()
    return "".join(f"    {name:<{COLUMN - 4}}{sentences[name]}\n" for name in declared())


def same(one, other):
    assert one == other, f"{one!r} and {other!r}"


def is_counted(name):
    files = [path for path in ROOT.glob("src/*/*.hpp") if path.name not in ("quirks.hpp", "quirk_names.hpp")]
    assert any(f"Quirk::{name}" in path.read_text(encoding="ascii") for path in files), "nothing counts it"


def is_shown(name):
    text = (ROOT / "tests/io/quirks_test.cpp").read_text(encoding="ascii")
    assert f"Quirk::{name}" in text, "no row of tests/io/quirks_test.cpp has it"


def main():
    if "--write" in sys.argv:
        text = TOUR.read_text(encoding="ascii")
        TOUR.write_text(TABLE.sub(lambda found: found[1] + table(), text), encoding="ascii")
        return 0
    result = Result()
    names, (sentences, named) = declared(), described()
    result.run("each has a sentence", same, sorted(sentences), sorted(names))
    result.run("and its name, in order", same, named, names)
    result.run("the table (quirks_test.py . --write)", same, TABLE.search(TOUR.read_text(encoding="ascii"))[2], table())
    for name in names:
        result.run(f"{name} is counted", is_counted, name)
        result.run(f"{name} is shown", is_shown, name)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
