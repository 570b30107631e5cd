#!/usr/bin/env python3
"""What the compiler must refuse, in pairs: must_not_compile.py COMPILER [ARGUMENT...]

Each must_not_compile/*.cpp is compiled twice. As it stands it must compile; with -DMUST_NOT_COMPILE it must not, and
the compiler's message must match the regular expression in the file's first line: "// Refused: EXPRESSION".
"""
import pathlib
import re
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent / "must_not_compile"


def problem(compiler, path):
    """Why this pair is no pair, or an empty string."""
    refused = re.match(r"// Refused: (.+)\n", path.read_text())
    if not refused:
        return "the first line is not '// Refused: EXPRESSION'"
    command = [*compiler, "-std=c++17", "-fsyntax-only", str(path)]
    good = subprocess.run(command, capture_output=True, text=True)
    if good.returncode != 0:
        return "does not compile as it stands:\n" + good.stderr
    bad = subprocess.run([*command, "-DMUST_NOT_COMPILE"], capture_output=True, text=True)
    if bad.returncode == 0:
        return "compiles with -DMUST_NOT_COMPILE"
    if not re.search(refused[1], bad.stderr):
        return f"refused, but not with '{refused[1]}':\n" + bad.stderr
    return ""


def main():
    compiler = sys.argv[1:]
    paths = sorted(FOLDER.glob("*.cpp"))
    failed = 0
    for path in paths:
        what = problem(compiler, path)
        if what:
            failed += 1
            print(f"FAILED: {path.name}: {what}")
    print(f"{len(paths) - failed} passed, {failed} failed")
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
