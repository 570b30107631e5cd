#!/usr/bin/env python3
"""Every test and every example is built by somebody, and checks what the library takes for true: listed.py SOURCE_ROOT

Meson wants its sources listed; a file that nobody lists is a test that nobody runs. And a test that includes the library
without tests/support/checked.hpp (support/header.hpp has it) runs on where a condition of the library is broken. Every test()
has the limit that tests/meson.build gives a reason for, and not meson's own of half a minute.
"""
import pathlib
import re
import sys

FAMILIES = ("tests/*/*_test.cpp", "tests/contract/*/*_test.cpp", "tests/contract/*_test.py",
            "tests/e2e/*_test.py", "tests/e2e/*/*_test.py", "tests/docs/*_test.py", "tests/packages/*_test.py",
            "examples/*.cpp", "examples/*/*.cpp")

# For other compilers; the scripts that build them take what they find there.
BUILT_ELSEWHERE = {"examples/firmware": "tests/firmware/firmware.py", "examples/adapters": "tests/adapters/adapters.py"}

# These are what a user's program is, or measure what it costs.
UNCHECKED = ("tests/contract", "tests/docs/frames", "tests/bench", "tests/firmware", "tests/packages")
INCLUDES_LIBRARY = re.compile(r'^\s*#\s*include\s+["<](?:.*/)?(?:openai_stream|all)\.hpp[">]', re.M)


def is_checked(path, root):
    """Whether the library's own conditions are checked where the file includes it, if it does."""
    text = path.read_text()
    if str(path.relative_to(root)).startswith(UNCHECKED) or not INCLUDES_LIBRARY.search(text):
        return True
    return "checked.hpp" in text


def is_listed(path, root):
    """Whether a meson.build above the file, but below the root, names it; or a script of another kind builds it."""
    for folder, script in BUILT_ELSEWHERE.items():
        if str(path.relative_to(root)).startswith(folder + "/"):
            return (root / script).exists()
    for folder in path.parents:
        if folder == root:
            return False
        build = folder / "meson.build"
        if build.exists() and f"'{path.relative_to(folder)}'" in re.sub("#.*", "", build.read_text()):
            return True
    return False


def without_limit(build):
    """The tests of a meson.build that do not name the common limit: how each begins."""
    calls = re.findall(r"^ *test\(([^\n]+)\)$|^ *test\(\n(.*?)^ *\)$", re.sub("#.*", "", build.read_text()), re.M | re.S)
    return [call.strip().split(",")[0] for call in map("".join, calls) if "timeout: time_limit" not in call]


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    paths = sorted(path for family in FAMILIES for path in root.glob(family))
    missing = [path for path in paths if not is_listed(path, root)]
    for path in missing:
        print(f"FAILED: {path.relative_to(root)} is in no meson.build")
    files = sorted(path for kind in ("*.cpp", "*.hpp") for path in (root / "tests").rglob(kind))
    unchecked = [path for path in files if not is_checked(path, root)]
    for path in unchecked:
        print(f"FAILED: {path.relative_to(root)} includes the library without support/header.hpp")
    builds = sorted(set((root / "tests").rglob("meson.build")) - {root / "tests/contract/subproject/meson.build"})
    hasty = [build for build in builds if without_limit(build)]
    for build in hasty:
        print(f"FAILED: {build.relative_to(root)}: {', '.join(without_limit(build))} without 'timeout: time_limit'")
    failed = len(missing) + len(unchecked) + len(hasty)
    print(f"{len(paths) + len(files) + len(builds) - failed} passed, {failed} failed")
    return 1 if failed or not paths or not files else 0


if __name__ == "__main__":
    sys.exit(main())
