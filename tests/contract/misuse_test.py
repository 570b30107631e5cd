#!/usr/bin/env python3
"""Each way to use the library wrongly ends as tests/corpus/misuse.jsonl says: misuse_test.py SOURCE_ROOT [--print]

A row is a way and how it "ends": refused by the "compiler", in an "error" whose sentence it "says", or "right". Rows
without a "proof" are run by tests/io/misuse_test.cpp, which compares what they say. The others name theirs: a pair of
must_not_compile, a file, or a file and a test case of it, in which stands what the row "shows". Some ways nobody can
see; they end as a "promise" of the program, which stands where they are declared.

--print prints the table.
"""
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from support import Result  # noqa: E402  pylint: disable=wrong-import-position

ROOT = pathlib.Path(sys.argv[1])
ENDS = ("compiler", "error", "right", "promise")
LEAST = 40


def text_of(path):
    """In one line, and a comment as a text."""
    return re.sub(r"\s+", " ", re.sub(r"^\s*// ", "", (ROOT / path).read_text(encoding="utf-8"), flags=re.MULTILINE))


def case_of(path, name):
    """From the beginning of a test case to that of the next one."""
    for part in (ROOT / path).read_text(encoding="utf-8").split("TEST_CASE(")[1:]:
        title = re.match(r'\s*((?:"[^"]*"\s*)+)\)', part)
        if title and re.sub(r'"\s*"', "", title[1]).strip()[1:-1] == name:
            return part
    raise AssertionError(f"{path} has no test \"{name}\"")


def sentences():
    return set(re.findall(r'return "([^"]+)";', (ROOT / "src/base/error.hpp").read_text(encoding="utf-8")))


def is_proved(row):
    assert row["ends"] in ENDS, f"ends as {row['ends']}"
    if "proof" not in row:
        assert row["ends"] in ("error", "right") and row["says"], "needs a proof"
        is_error = row["says"] in sentences()
        assert is_error == (row["ends"] == "error"), f"'{row['says']}' is {'an' if is_error else 'no'} error's sentence"
        return
    path, _, case = row["proof"].partition(": ")
    assert (ROOT / path).is_file(), f"there is no {path}"
    if path.startswith("tests/contract/must_not_compile/"):
        assert row["ends"] == "compiler", "is a pair for the compiler"
        text = (ROOT / path).read_text(encoding="utf-8")
        assert text.startswith("// Refused: ") and "MUST_NOT_COMPILE" in text, f"{path} is no pair"
        return
    text = case_of(path, case.strip('"')) if case else text_of(path)
    assert row["shows"] in text, f"{row['proof']} does not show '{row['shows']}'"
    assert row["ends"] != "promise" or path.startswith("src/"), "what is promised stands where it is declared"


def told(row):
    """The last column: the error's sentence, or where the proof is."""
    return row.get("says") or row["proof"].replace("tests/contract/", "")


def main():
    rows = [json.loads(line) for line in (ROOT / "tests/corpus/misuse.jsonl").read_text(encoding="utf-8").splitlines()]
    if "--print" in sys.argv:
        print("| way | ends | |\n|---|---|---|")
        for row in rows:
            print(f"| {row['way']} | {row['ends']} | {told(row)} |")
        print(", ".join(f"{sum(row['ends'] == end for row in rows)} {end}" for end in ENDS))
        return 0
    result = Result()
    for row in rows:
        result.run(row["way"], is_proved, row)

    def are_enough():
        decided = {row["way"] for row in rows if row["ends"] != "promise"}
        assert len(decided) >= LEAST, f"only {len(decided)} ways"
        assert len({row["way"] for row in rows}) == len(rows), "a way stands there twice"
    result.run("ways", are_enough)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
