#!/usr/bin/env python3
"""What src/tour.txt says of the calls in one poll() is what tests/docs/polls.cpp counts: polls_test.py SOURCE_ROOT POLLS

    polls_test.py SOURCE_ROOT POLLS --write    puts the table into the tour
"""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from support import Result  # noqa: E402  pylint: disable=wrong-import-position

TOUR = pathlib.Path(sys.argv[1]) / "src" / "tour.txt"
TABLE = re.compile(r"^    most calls in one poll.*\n(?:    .*\n)*", re.MULTILINE)


def same(said, counted):
    assert said == counted, f"the tour says\n{said}  counted is\n{counted}"


def main():
    table = subprocess.run([sys.argv[2]], capture_output=True, text=True, check=True).stdout
    text = TOUR.read_text(encoding="ascii")
    if "--write" in sys.argv:
        TOUR.write_text(TABLE.sub(lambda _: table, text), encoding="ascii")
        print("Now run amalgamate.py.")
        return 0
    result = Result()
    result.run("the calls in one poll()", same, TABLE.search(text)[0], table)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
