#!/usr/bin/env python3
"""The steps in src/README.md are all that it takes: stranger_test.py SOURCE_ROOT COMPILER...

Below "## Steps" each "### STEP" has blocks

    ```diff      first a path, then lines as in a diff, without line numbers: the old ones stand in that file, once;
                 where there is none it is a new file
    ```cpp       lines for a main(), and behind them in comments what they print

A step is applied to a copy of the tree, the header is made there, and the lines must print what stands there. Without
the step they must not: else it would show nothing. What is used by the lines is in stranger/show.hpp.
"""
import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from support import PATIENCE, Result  # noqa: E402  pylint: disable=wrong-import-position

ROOT, COMPILER = pathlib.Path(sys.argv[1]), sys.argv[2:]
HERE = pathlib.Path(__file__).resolve().parent
TEXT = ROOT / "src/README.md"
WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror".split()


def steps():
    """{title: ([(path, lines of a diff)], code)}"""
    found = {}
    section = re.search(r"^## Steps\n(.*?)(?=^## |\Z)", TEXT.read_text("ascii"), re.MULTILINE | re.DOTALL)[1]
    for title, body in re.findall(r"^### ([^\n]+)\n(.*?)(?=^### |\Z)", section, re.MULTILINE | re.DOTALL):
        diffs = [block.split("\n") for block in re.findall(r"^```diff\n(.*?)\n```$", body, re.MULTILINE | re.DOTALL)]
        codes = re.findall(r"^```cpp\n(.*?)\n```$", body, re.MULTILINE | re.DOTALL)
        assert diffs and len(codes) == 1, f"\"{title}\" lacks a diff or has not one block of code"
        found[title] = ([(lines[0], lines[1:]) for lines in diffs], codes[0])
    return found


def apply(folder, path, lines):
    """The old lines stand in the file exactly once; how many blanks there are between words does not count."""
    assert all(line[:1] in tuple(" +-") for line in lines), f"{path}: no line of a diff among {lines}"
    file = folder / path
    if not file.exists() and all(line[0] == "+" for line in lines):
        file.write_text("".join(line[1:] + "\n" for line in lines), "ascii")
        return
    text = file.read_text("ascii").split("\n")
    old = [line[1:].split() for line in lines if line[0] != "+"]
    places = [at for at in range(len(text)) if [line.split() for line in text[at:at + len(old)]] == old]
    assert len(places) == 1, f"{path}: these lines stand there {len(places)} times:\n" + "\n".join(lines)
    text[places[0]:places[0] + len(old)] = [line[1:] for line in lines if line[0] != "-"]
    file.write_text("\n".join(text), "ascii")


def printed(folder, code):
    """What the lines print with the header there; what the compiler says of them, if it refuses them."""
    made = subprocess.run([sys.executable, "amalgamate.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    (folder / "main.cpp").write_text(f"#include \"show.hpp\"\nint main() {{\n{code}\n}}\n", "ascii")
    command = [*COMPILER, "-std=c++17", *WARNINGS, f"-I{folder}", f"-I{HERE / 'stranger'}", "main.cpp", "-o", "main"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if built.returncode != 0:
        return built.stderr
    return subprocess.run([str(folder / "main")], capture_output=True, text=True, timeout=PATIENCE, check=True).stdout


def copied(folder):
    for path in ("amalgamate.py", "LICENSE"):
        shutil.copy(ROOT / path, folder)
    shutil.copytree(ROOT / "src", folder / "src")
    return folder


def works(diffs, code):
    wanted = "".join(line + "\n" for line in re.findall(r"^// (.*)$", code, re.MULTILINE))
    assert wanted, "the code does not say what it prints"
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        before, after = copied(pathlib.Path(first)), copied(pathlib.Path(second))
        for path, lines in diffs:
            (after / path).parent.mkdir(parents=True, exist_ok=True)
            if not (after / path).exists() and (ROOT / path).exists():
                shutil.copy(ROOT / path, after / path)
            apply(after, path, lines)
        seen = printed(after, code)
        assert seen == wanted, f"it printed\n{seen}\nand not\n{wanted}"
        seen = printed(before, code)
        assert seen != wanted, "the same is printed without the step"


def main():
    result = Result()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [(title, pool.submit(works, *step)) for title, step in steps().items()]
        for title, run in runs:
            result.run(f"a stranger adds: {title}", run.result)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
