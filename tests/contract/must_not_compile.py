#!/usr/bin/env python3
"""What the compiler must refuse, in pairs: must_not_compile.py COMPILER [ARGUMENT...]

Each must_not_compile/*.cpp is compiled twice. As it stands it must compile; with -DMUST_NOT_COMPILE it must not, and
the compiler's message must match the regular expression in the file's first line: "// Refused: EXPRESSION".

The header is refused as anything older than C++17, with one sentence and nothing after it.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent / "must_not_compile"


def precompiled(compiler, folder):
    """The options that bring the header already parsed, which spares most of the time."""
    header = pathlib.Path(folder, "header.hpp")
    header.write_text('#include "support/header.hpp"\n', "ascii")
    subprocess.run([*compiler, "-std=c++17", "-x", "c++-header", str(header), "-o", f"{header}.gch"], check=True)
    return ["-include", str(header)]


def problem(compiler, path, header):
    """Why this pair is no pair, or an empty string."""
    text = path.read_text()
    refused = re.match(r"// Refused: (.+)\n", text)
    if not refused:
        return "the first line is not '// Refused: EXPRESSION'"
    selects = "#define OPENAI_STREAM" in text  # other code than what was parsed
    command = [*compiler, "-std=c++17", *([] if selects else header), "-fsyntax-only", str(path)]
    good = subprocess.run(command, capture_output=True, text=True)
    if good.returncode != 0:
        return "does not compile as it stands:\n" + good.stderr
    bad = subprocess.run([*command, "-DMUST_NOT_COMPILE"], capture_output=True, text=True)
    if bad.returncode == 0:
        return "compiles with -DMUST_NOT_COMPILE"
    if not re.search(refused[1], bad.stderr):
        return f"refused, but not with '{refused[1]}':\n" + bad.stderr
    return ""


HEADER = FOLDER.parents[2] / "openai_stream.hpp"
WANTS = 'openai_stream.hpp needs C++17: add -std=c++17'
MICROSOFT = ["-Wno-builtin-macro-redefined", "-U__cplusplus", "-D__cplusplus=199711L"]  # as without /Zc:__cplusplus
STANDARDS = (  # options, whether the header is refused
    (["-std=c++98"], True),
    (["-std=c++11"], True),
    (["-std=c++14"], True),
    (["-std=c++17"], False),
    ([*MICROSOFT, "-D_MSVC_LANG=201402L"], True),
    ([*MICROSOFT, "-D_MSVC_LANG=201703L"], False),
)


def standard_problem(compiler, options, is_refused):
    """Why the header is not refused for its standard as it should, or an empty string. It is only preprocessed, for
    the code after the sentence would be another's."""
    done = subprocess.run([*compiler, *options, "-E", "-P", "-x", "c++", str(HEADER)], capture_output=True, text=True)
    if (WANTS in done.stderr) != is_refused:
        return f"{'compiles' if is_refused else 'is refused'} with {' '.join(options)}:\n{done.stderr}"
    if is_refused and (done.stderr.count("error:") != 1 or "openai_stream" in done.stdout):
        return f"says more than one sentence with {' '.join(options)}:\n{done.stderr}{done.stdout[:500]}"
    return ""


def main():
    compiler = sys.argv[1:]
    paths = sorted(FOLDER.glob("*.cpp"))
    failed = 0
    for options, is_refused in STANDARDS:
        what = standard_problem(compiler, options, is_refused)
        if what:
            failed += 1
            print(f"FAILED: openai_stream.hpp {what}")
    with tempfile.TemporaryDirectory() as folder:
        header = precompiled(compiler, folder)
        for path in paths:
            what = problem(compiler, path, header)
            if what:
                failed += 1
                print(f"FAILED: {path.name}: {what}")
    print(f"{len(paths) + len(STANDARDS) - failed} passed, {failed} failed")
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
