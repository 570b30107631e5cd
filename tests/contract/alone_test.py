#!/usr/bin/env python3
"""Each file of src/ includes what it uses: alone_test.py SOURCE_ROOT COMPILER...

Each is compiled alone, as the first line of a program. Why: in the header and in src/all.hpp another file may stand
before it that happens to bring what it lacks, and goes one day.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from support import Result  # noqa: E402  pylint: disable=wrong-import-position

ROOT, COMPILER = pathlib.Path(sys.argv[1]), sys.argv[2:]
PARTS = ["SOCKET", "REPLAY", "CLIENT", "C_API"]
NOT_ALONE = {"src/all.hpp", "src/base/end.hpp"}  # the spine, and what undoes the macros of all


def compiles(path, parts, folder):
    program = pathlib.Path(folder, path.replace("/", "_") + ".cpp")
    program.write_text(f"#include \"{ROOT / path}\"\n", "ascii")
    command = [*COMPILER, "-std=c++17", "-fsyntax-only", *(f"-DOPENAI_STREAM_{part}" for part in parts), str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def has_mbedtls():
    command = [*COMPILER, "-E", "-x", "c++", "-", "-o", os.devnull]
    return subprocess.run(command, input="#include <mbedtls/ssl.h>\n", capture_output=True, text=True,
                          check=False).returncode == 0


def main():
    result = Result()
    parts = PARTS + (["MBEDTLS"] if has_mbedtls() else [])
    if "MBEDTLS" not in parts:
        result.skip("the files of Tls alone: mbedTLS is missing")
    paths = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("src/*/*.hpp"))
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [(path, pool.submit(compiles, path, parts, folder)) for path in paths if path not in NOT_ALONE]
        for path, run in runs:
            result.run(f"alone: {path}", run.result)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
