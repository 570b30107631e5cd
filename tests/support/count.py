#!/usr/bin/env python3
"""Reads what meson test has logged: count.py TESTLOG_JSON TOTALS

Prints the output of every test that failed and every line about something skipped, appends "PASSED FAILED SKIPPED" to
the file TOTALS. A test counts what its own closing line says; without one (it
crashed, or is a plain script) it is one. Ends with 1 when something failed or nothing ran.
"""
import json
import re
import sys

CLOSING = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)


def counts(test):
    """(passed, failed, skipped) of one test."""
    said = CLOSING.findall((test.get("stdout") or "").replace("\r\n", "\n"))
    passed, failed, skipped = (int(number or 0) for number in said[-1]) if said else (0, 0, 0)
    if test["result"] == "SKIP":
        return passed, failed, max(skipped, 1)
    if test["result"] != "OK":
        return passed, max(failed, 1), skipped
    return (passed, failed, skipped) if said else (1, 0, 0)


def main():
    with open(sys.argv[1], encoding="utf-8") as log:
        tests = [json.loads(line) for line in log]
    total = [0, 0, 0]
    skips = []
    for test in tests:
        one = counts(test)
        total = [sum(pair) for pair in zip(total, one)]
        output = (test.get("stdout") or "") + (test.get("stderr") or "")
        if one[1] != 0:
            print(f"---- FAILED: {test['name']} ({test['result']}) ----\n{output.rstrip()}\n----")
        skips += [line for line in output.splitlines() if line.startswith("SKIPPED: ")]
        if test["result"] == "SKIP":
            skips.append("SKIPPED: " + test["name"])
    for line in dict.fromkeys(skips):
        print(line)
    if total == [0, 0, 0]:
        print("no test ran")
        total[1] = 1
    with open(sys.argv[2], "a", encoding="ascii") as totals:
        print(*total, file=totals)
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
