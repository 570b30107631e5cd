#!/usr/bin/env python3
"""Writes a file that compiles several tests at once: group.py GROUP.cpp TEST.cpp...

Most of what a test takes to compile is the library, doctest and the standard library; a group compiles them once. What
its tests include comes first, then each test in a namespace of its own, so that no name meets another, and the macros a
test defines end with it. Tests that define different macros for what they include cannot share it, and one that
includes something after its first declaration can share nothing: they are refused.
"""
import pathlib
import re
import sys

BESIDE = re.compile(r'#include "(.*)"')


def preamble(test):
    """The preprocessor's lines before the first declaration, for a file in another folder."""
    lines = test.read_text(encoding="utf-8").split("\n")
    end = next(number for number, line in enumerate(lines) if line and not line.startswith(("#", "//")))
    if any(line.startswith("#include") for line in lines[end:]):
        sys.exit(f"{test} includes something after its first declaration: it needs a group of its own")
    for line in lines[:end]:
        beside = BESIDE.match(line)
        if beside and (test.parent / beside[1]).exists():
            line = f'#include "{(test.parent / beside[1]).as_posix()}"'
        if line.startswith("#"):
            yield line


def defines(lines):
    return [line for line in lines if line.startswith("#define")]


def main():
    output, tests = sys.argv[1], [pathlib.Path(name).resolve() for name in sys.argv[2:]]
    first = defines(preamble(tests[0]))
    lines = []
    for test in tests:
        own = list(preamble(test))
        if defines(own) != first:
            sys.exit(f"{test} defines other macros for what it includes than {tests[0]} does: not in one group")
        lines += own
    for test in tests:
        lines += [f"namespace {test.stem} {{", f'#include "{test.as_posix()}"', "}"]
        macros = re.findall(r"^#define (\w+)", test.read_text(encoding="utf-8"), re.M)
        lines += [f"#undef {macro}" for macro in macros if f"#define {macro}" not in first]
    pathlib.Path(output).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
