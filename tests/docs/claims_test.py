#!/usr/bin/env python3
"""What the documents and src/tour.txt refer to is there: claims_test.py SOURCE_ROOT

Each path below tests/, examples/ or src/ exists; a test named behind one (`tests/io/x_test.cpp: "name"`) is a TEST_CASE
of that file. Each word in backticks that could be a name of ours is one. The tour's >>arrows<< lead somewhere. Every
example is in the table of examples/README.md, the limits there are those of tests/bench. The choices that tests/README.md lists are
those of the corpora; src/README.md names every folder of src/ with its floor, and every law that lint_src.py holds.
"""
import json
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True  # leave no __pycache__ beside amalgamate.py
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import amalgamate  # noqa: E402  pylint: disable=wrong-import-position
import limits  # noqa: E402  pylint: disable=wrong-import-position
from support import Result  # noqa: E402  pylint: disable=wrong-import-position

ROOT = pathlib.Path(sys.argv[1])
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "src/README.md", "tests/README.md",
             "examples/README.md", "examples/local_server/README.md", "examples/game/README.md",
             "examples/web/README.md", "src/tour.txt"]
PATH = re.compile(r"(?<![\w/])((?:tests|examples|src)/[\w./-]*\w/?)(?:: \"([^\"]+)\")?")
TEST_CASE = re.compile(r'TEST_CASE\(\s*((?:"[^"]*"\s*)+)\)')


def read(path):
    return (ROOT / path).read_text(encoding="ascii")


def in_one_line(text):
    return re.sub(r"\s+", " ", text)


def exists(path, case):
    assert (ROOT / path).exists(), "it does not exist"
    if case:
        cases = {re.sub(r'"\s*"', "", match).strip()[1:-1] for match in TEST_CASE.findall(read(path))}
        assert case in cases, f"it has no test \"{case}\""


def leads_somewhere(arrow):
    what = re.escape(arrow)
    is_type = re.match(r"(?:class|struct|enum class|namespace) ", arrow)
    place = rf"^(?:template <.*> )?{what}\b.*\{{" if is_type else rf"^\w.*\b{what}\b"
    assert re.search(place, read("openai_stream.hpp"), re.MULTILINE), "nothing of that name"


def known_words():
    """Every word of what a reader may look a name up in."""
    files = [ROOT / "openai_stream.hpp", ROOT / "meson.build", ROOT / "tests/meson.build", ROOT / "tests/fuzz/meson.build",
             ROOT / "amalgamate.py"]
    files += [*ROOT.glob("examples/**/*"), *ROOT.glob("tests/support/*"), *ROOT.glob("tests/corpus/*")]
    return {word for file in files if file.is_file() for word in re.findall(r"\w+", file.read_text("utf-8", "replace"))}


def names_are_known(names, known):
    unknown = {name for name in names for word in re.findall(r"\w+", name) if word not in known}
    assert not unknown, f"nobody knows {sorted(unknown)}"


def rows_of_table(heading, document="tests/README.md"):
    """Cells of the document's table after a line that begins so."""
    table = rf"^{re.escape(heading)}.*\n(?:.+\n)*\n.*\n\|[-|]+\n((?:\|.*\n)+)"
    rows = re.search(table, read(document), re.MULTILINE)[1]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines()]


def corpus(name):
    return [json.loads(line) for line in (ROOT / "tests/corpus" / name).read_text("utf-8").splitlines()]


def same(one, other):
    assert one == other, f"the document: {sorted(one - other)}, the other: {sorted(other - one)}"


def http_choices_are_made():
    """A row of the corpus is accepted or refused as response_parser_test.cpp says, which is tested."""
    table = read("tests/http/response_parser_test.cpp")
    takes = dict(re.findall(r'^    \{"([\w-]+)", (true|false)\}', table, re.MULTILINE))
    made = set()
    for row in corpus("http.jsonl"):
        if row["verdict"] == "either":
            chosen = row["expect"] if takes[row["name"]] == "true" else row["alts"][0]
            made.add((row["name"], "refused" if chosen["error"] else "accepted"))
    said = {(name, cells[1].split(",")[0]) for cells in rows_of_table("HTTP (") for name in cells[0].split(", ")}
    same(said, made)


def json_choices_are_made():
    rows = {row["name"]: row for row in corpus("json.jsonl")}
    said = {name for cells in rows_of_table("JSON (") for name in cells[0].split(", ")}
    open_rows = {name for name, row in rows.items()
                 if ("alts" in row or "policy" in (row.get("tags") or [])) and row["kind"] != "responses"}
    same(said - set(rows), set())
    same(open_rows - said, set())


def differences_are_listed():
    same({cells[0] for cells in rows_of_table("Streams of")},
         {row["file"] for row in json.loads(read("tests/differences.json"))})


def limits_are_said():
    text = read("README.md")
    for number in [limits.FLASH_BYTES, limits.FLASH_OF_RESPONSES, *limits.FLASH_OF_OTHERS.values()]:
        assert f"{number:,}" in text, f"README.md does not say {number:,}"


def call_sites_are_counted():
    counted = subprocess.run([sys.executable, str(ROOT / "tests/callsite/count.py"), str(ROOT)], capture_output=True,
                             text=True, check=True).stdout
    rows = [line for line in counted.splitlines() if line.startswith("|")]
    assert rows and "\n".join(rows) + "\n" in read("README.md"), counted


def closing_line_is_shown():
    """What tests/run.sh would print of 5 passed tests and four skipped, and the first of those."""
    script = read("tests/run.sh")
    in_words = re.search(r"^in_words\(\) \{\n.*?^\}\n", script, re.MULTILINE | re.DOTALL)[0]
    stage = re.search(r"printf ('[^']+') \"\$stage:\"", script)[1]
    shell = f"{in_words}\nprintf {stage} tests:\necho 5 0 4 | in_words\n"
    line = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout.replace("5", "N")
    assert "\n    $ sh tests/run.sh\n    " + line.rstrip("\n") in read("README.md"), line
    skipped = re.search(r"^    SKIPPED: (.*)$", read("README.md"), re.MULTILINE)[1]
    assert f'tally::skip("{skipped}")' in read("tests/http/response_parser_test.cpp"), skipped


def examples_are_listed():
    listed = {cells[0].strip("`") for cells in rows_of_table("Each opens with", "examples/README.md")}
    same(listed, {path.name for path in ROOT.glob("examples/*.cpp")} |
         {path.parent.name + "/" for name in ("main.cpp", "*.c") for path in ROOT.glob("examples/*/" + name)})


def floors_are_those_of_amalgamate():
    folders = {(cells[0], folder) for cells in rows_of_table("`all.hpp` lists", "src/README.md")
               for folder in re.findall(r"`(\w+)/`", cells[1])}
    same(folders, {(str(floor), folder) for folder, floor in amalgamate.FLOORS.items()})


def laws_are_there():
    text = read("src/README.md")
    laws = set(re.findall(r"^(\d+)\. ", text, re.MULTILINE))
    named = {law for words in re.findall(r"\blaws? (\d+(?:, \d+)*)", read("tests/contract/lint_src.py"))
             for law in words.split(", ")}
    assert named <= laws and named, f"{named - laws} is no law"


def main():
    result = Result()
    known = known_words()
    for document in DOCUMENTS:
        text = re.sub(r"^```diff.*?^```", "", read(document), flags=re.MULTILINE | re.DOTALL)  # see stranger_test.py
        text = in_one_line(text)
        for path, case in dict.fromkeys(PATH.findall(text)):
            result.run(f"{document}: {path}{case and ': '}{case}", exists, path, case)
        prose = re.sub(r"^```.*?^```", "", read(document), flags=re.MULTILINE | re.DOTALL)
        names = re.findall(r"`(\w[\w:.]*)(?:\(\))?`", in_one_line(prose))
        names = [name for name in names if not (ROOT / name).exists() and not list(ROOT.glob("*/" + name))]
        result.run(f"{document}: names", names_are_known, names, known)
    for arrow in re.findall(r">>(.+?)<<", read("src/tour.txt")):
        if arrow != "arrows":
            result.run(f"the tour: {arrow}", leads_somewhere, arrow)
    result.run("floors", floors_are_those_of_amalgamate)
    result.run("laws", laws_are_there)
    result.run("the choices for HTTP", http_choices_are_made)
    result.run("the choices for JSON", json_choices_are_made)
    result.run("differences", differences_are_listed)
    result.run("call sites", call_sites_are_counted)
    result.run("limits", limits_are_said)
    result.run("the second command", closing_line_is_shown)
    result.run("examples", examples_are_listed)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
