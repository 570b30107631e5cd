#!/usr/bin/env python3
"""Every test and every example is built by somebody: listed.py SOURCE_ROOT

Meson wants its sources listed; a file that nobody lists is a test that nobody runs.
"""
import pathlib
import re
import sys

FAMILIES = ("tests/*/*_test.cpp", "tests/contract/*/*_test.cpp", "tests/contract/*_test.py",
            "tests/e2e/*_test.py", "tests/e2e/*/*_test.py", "tests/docs/*_test.py", "examples/*.cpp",
            "examples/*/*.cpp")


def is_listed(path, root):
    """Whether a meson.build above the file, but below the root, names it."""
    for folder in path.parents:
        if folder == root:
            return False
        build = folder / "meson.build"
        if build.exists() and f"'{path.relative_to(folder)}'" in re.sub("#.*", "", build.read_text()):
            return True
    return False


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    paths = sorted(path for family in FAMILIES for path in root.glob(family))
    missing = [path for path in paths if not is_listed(path, root)]
    for path in missing:
        print(f"FAILED: {path.relative_to(root)} is in no meson.build")
    print(f"{len(paths) - len(missing)} passed, {len(missing)} failed")
    return 1 if missing or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
