#!/usr/bin/env python3
"""What src/tour.txt says of memory is what tests/docs/memory.cpp measures: memory_test.py SOURCE_ROOT MEMORY

    memory_test.py SOURCE_ROOT MEMORY --write    puts the table into the tour

sizeof(Stream) is said as a multiple of 100, for 64 bits as this machine has it, for 32 bits as arm-none-eabi-g++ has.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from support import Result  # noqa: E402  pylint: disable=wrong-import-position

ROOT = pathlib.Path(sys.argv[1])
TOUR = ROOT / "src" / "tour.txt"
TABLE = re.compile(r"^    a buffer of .*\n(?:    .*\n)*", re.MULTILINE)
SIZES = re.compile(r"sizeof\(Stream\) is at most ([\d,]+)\s+bytes on 32 bits and ([\d,]+) on 64")
ARM = "arm-none-eabi-g++"


def number(text):
    return int(text.replace(",", ""))


def is_said_of(said, size):
    """A size is said in hundreds, rounded up."""
    assert said == -(-size // 100) * 100, f"it says {said}, and it is {size}"


def size_for_arm():
    with tempfile.TemporaryDirectory() as folder:
        code = '#include "openai_stream.hpp"\nextern const char size[sizeof(openai_stream::Stream)] = {1};\n'
        target = str(pathlib.Path(folder, "size.o"))
        subprocess.run([ARM, "-mcpu=cortex-m3", "-mthumb", "-std=c++17", f"-I{ROOT}", "-xc++", "-", "-c", "-o", target],
                       input=code, text=True, check=True)
        symbols = subprocess.run(["arm-none-eabi-nm", "-S", target], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"^\S+ (\S+) R size$", symbols, re.MULTILINE)[1], 16)


def same(one, other):
    assert one == other, f"the tour says\n{one}  measured is\n{other}"


def main():
    table, _, size = subprocess.run([sys.argv[2]], capture_output=True, text=True,
                                    check=True).stdout.rstrip("\n").rpartition("\n")
    table += "\n"
    text = TOUR.read_text(encoding="ascii")
    if "--write" in sys.argv:
        TOUR.write_text(TABLE.sub(lambda _: table, text), encoding="ascii")
        print("Now run amalgamate.py.")
        return 0
    result = Result()
    result.run("the table", same, TABLE.search(text)[0], table)
    small, large = map(number, SIZES.search(text).groups())
    if sys.maxsize > 2**32:
        result.run("sizeof(Stream) on 64 bits", is_said_of, large, int(size))
    if shutil.which(ARM):
        result.run("sizeof(Stream) on 32 bits", lambda: is_said_of(small, size_for_arm()))
    else:
        result.skip(f"sizeof(Stream) on 32 bits: {ARM} is not there")
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
