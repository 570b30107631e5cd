#!/usr/bin/env python3
"""What tests/support/group.py makes of test files compiles as they do alone, or is refused.

    group_test.py SOURCE_ROOT COMPILER...
"""
import pathlib
import subprocess
import sys
import tempfile

ROOT, COMPILER = pathlib.Path(sys.argv[1]), sys.argv[2:]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from support import Result  # noqa: E402  pylint: disable=wrong-import-position

BESIDE = "#pragma once\n#ifdef WITH\ninline int with() { return 1; }\n#endif\ninline int beside() { return 1; }\n"
WITH = '#define WITH\n#include "beside.hpp"\n'
ROWS = (  # name, test files, what group.py or the compiler says of them ("": all is well)
    ("names that two files have in common", [
        '// One.\n#include "beside.hpp"\nnamespace { int own() { return beside(); } }\nint one() { return own(); }\n',
        '#include "beside.hpp"\n\nnamespace { int own() { return beside(); } }\nint one() { return own(); }\n'], ""),
    ("a macro ends with its file", [
        "int one();\n#define OWN 1\nint one() { return OWN; }\n",
        "int OWN();\nint OWN() { return 1; }\n"], ""),
    ("includes inside of an #if", [
        '#if !defined(NEVER)\n#include "beside.hpp"\n#else\n#include "missing.hpp"\n#endif\n'
        'int one() { return beside(); }\n',
        "int two() { return 2; }\n"], ""),
    ("the same macro for what is included", [
        WITH + "int one() { return with(); }\n", WITH + "int one() { return with(); }\n"], ""),
    ("a macro for what is included that the other has not got", [
        WITH + "int one() { return with(); }\n", '#include "beside.hpp"\nint one() { return beside(); }\n'],
     "defines other macros"),
    ("an include after a declaration", [
        "int one() { return 1; }\n", 'int two() { return 1; }\n#include "beside.hpp"\n'],
     "after its first declaration"),
    ("a warning is one in a group, too", [
        "int one() { return 1; }\n", "namespace { int unused() { return 1; } }\n"], "unused"),
)


def grouped(texts, said):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "beside.hpp").write_text(BESIDE, "ascii")
        tests = [folder / f"number_{number}_test.cpp" for number in range(len(texts))]
        for test, text in zip(tests, texts):
            test.write_text(text, "ascii")
        group = folder / "build" / "group.cpp"
        group.parent.mkdir()
        for command in ([sys.executable, ROOT / "tests/support/group.py", group, *tests],
                        [*COMPILER, "-std=c++17", "-Wall", "-Werror", "-c", group, "-o", folder / "group.o"]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                assert said and said in done.stderr, done.stderr
                return
        assert not said, "it compiles"


def main():
    result = Result()
    for name, texts, said in ROWS:
        result.run(name, grouped, texts, said)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
