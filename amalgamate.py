#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Joins src/ into the one file a user copies: openai_stream.hpp.

    amalgamate.py              check src/, then write openai_stream.hpp if its content changed
    amalgamate.py --check      check src/, then compare: exit 1 and the start of a diff if openai_stream.hpp is stale

src/all.hpp, the spine, lists every file once; its order is the order of the header. The same src/ gives the same bytes
on every machine. Nothing is written while src/ cannot be joined. Refused, each as "src/room/file.hpp:LINE: what is
wrong":

    text       anything but printable ASCII with LF ends, no newline at the end
    files      no or late #pragma once; #if without #endif; an include that is not plain, or inside #if where it is lost
    spine      a file missing, listed twice or not used; an include of a file that comes later; a cycle of includes
    floors     an include upwards or sideways (FLOORS, STRANGERS)

What the code in src/ may say is another matter: tests/contract/lint_src.py.
"""
import argparse
import difflib
import pathlib
import posixpath
import re
import sys
from collections import deque, namedtuple

# ---- the rules, as data ------------------------------------------------------------------------

HEADER = "openai_stream.hpp"
WHAT = "reads the answers of OpenAI-compatible servers event by event. C++17, one header, no dependencies."
SPINE, VERSION_FILE = "all.hpp", "base/version.hpp"
REQUIRED = ("LICENSE", "src/" + SPINE, "src/tour.txt", "src/" + VERSION_FILE)
GUARD = "OPENAI_STREAM_HPP_INCLUDED"
VERSION_MACROS = tuple("OPENAI_STREAM_VERSION_" + part for part in ("MAJOR", "MINOR", "PATCH"))
MAX_LINE = 120

FLOORS = {"base": 0, "http": 1, "sse": 1, "json": 1, "dialect": 2, "request": 2, "text": 2, "io": 3, "platform": 4, "c": 5}
C_PART = "c/api.hpp"  # all that a C compiler sees: it stands before the rest, which is C++
OPT_IN = ("platform", "c")  # folders whose files are wholly inside one #if defined(OPENAI_STREAM_<NAME>)
STRANGERS = {("dialect", "http"), ("dialect", "sse")}  # on a lower floor, and still never included

# ---- reading C++ -------------------------------------------------------------------------------

TOKEN = re.compile(r"""
    (?P<comment> //(?:\\\n|[^\n])* | /\*.*?(?:\*/|\Z) )
  | (?P<literal> (?:u8|[uUL])?R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)"
               | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'? )
  | \.?\d(?:'?[\w.])* | [A-Za-z_]\w*      # numbers and names, so that 1'000 and u8'x' are read right
    """, re.VERBOSE | re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(\w*)((?:\\\n|[^\n])*)", re.MULTILINE)
INCLUDE = re.compile(r'[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)[ \t]*(?://.*)?(?<!\\)$')
VERSION_DEFINE = re.compile(r"(\w+)\s+(0|[1-9]\d{0,2})$")

Problem = namedtuple("Problem", "path line message")
Directive = namedtuple("Directive", "line name rest depth")  # depth: how many #if stand around it
Include = namedtuple("Include", "line path depth")           # path: from src/ for ours, as written for <system>


def read(file):
    return file.read_bytes().decode("latin-1")  # never fails; what is not ASCII is refused later


def blanked(match):
    return re.sub(r"[^\n]", " ", match.group())


def without_comments_and_literals(text):
    """The same text, same length and lines, with comments blanked and literals emptied (their quotes stay)."""
    def replace(match):
        token = match.group()
        if match.group("literal") and len(token) > 1 and token[-1] in "\"'":
            return token[-1] + blanked(match)[1:-1] + token[-1]
        return blanked(match) if match.group("literal") or match.group("comment") else token
    return TOKEN.sub(replace, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def read_directives(code):
    """All preprocessor lines, and how many #if are left open (0 in a sound file)."""
    found, depth = [], 0
    for match in DIRECTIVE.finditer(code):
        name, rest = match.group(1), match.group(2).replace("\\\n", " ").strip()
        depth -= name == "endif"
        found.append(Directive(line_of(code, match.start()), name, rest, depth - name.startswith("el")))
        depth += name in ("if", "ifdef", "ifndef")
    return found, depth


class Source:
    """One file of src/, read once; every check looks at it and none changes it."""

    def __init__(self, path, text):
        self.path, self.text, self.room = path, text, posixpath.dirname(path).split("/")[0]
        self.is_c_part = path == C_PART
        self.in_platform = self.room in OPT_IN
        self.lines = text.replace("\r", "").rstrip("\n").split("\n")
        self.code = without_comments_and_literals("\n".join(self.lines) + "\n")
        self.code_lines = [number for number, line in enumerate(self.code.split("\n"), 1) if line.strip()]
        self.directives, self.open_ifs = read_directives(self.code)
        self.pragmas = [d.line for d in self.directives if (d.name, d.rest) == ("pragma", "once")]
        self.inner, self.system, self.odd_includes = [], [], []
        for d in (d for d in self.directives if d.name in ("include", "include_next", "import")):
            match = INCLUDE.match(self.lines[d.line - 1])
            if not match:
                self.odd_includes.append(d.line)
            elif match.group(1):
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match.group(1)))
                self.inner.append(Include(d.line, target, d.depth))
            else:
                self.system.append(Include(d.line, match.group(2), d.depth))
        self.hoisted = [include for include in self.system if not include.depth]  # never in OPT_IN: all in its #if

    def problem(self, line, message):
        return Problem("src/" + self.path, line, message)


class Tree:
    def __init__(self, root):
        src = root / "src"
        self.root = root
        self.texts = {name: read(root / name) for name in REQUIRED if (root / name).is_file()}
        self.missing = [name for name in REQUIRED if name not in self.texts]
        paths = sorted(path.relative_to(src).as_posix() for path in src.rglob("*.hpp"))
        self.sources = {path: Source(path, read(src / path)) for path in paths}
        self.spine = self.sources.get(SPINE, Source(SPINE, ""))
        self.order = list(dict.fromkeys(i.path for i in self.spine.inner if i.path in self.sources))
        self.parts = [self.sources[path] for path in self.order]
        self.c_parts = [source for source in self.parts if source.is_c_part]
        self.core = [source for source in self.sources.values() if not source.in_platform]
        self.chains, queue = {SPINE: [SPINE]}, deque([self.spine])  # the shortest way of includes to each file
        while queue:
            here = queue.popleft()
            for path in (i.path for i in here.inner if i.path in self.sources and i.path not in self.chains):
                self.chains[path] = self.chains[here.path] + [path]
                queue.append(self.sources[path])

    def version(self):
        """The three numbers; None for one that base/version.hpp does not define as a plain number."""
        defines = (d.rest for d in self.sources[VERSION_FILE].directives if d.name == "define")
        numbers = dict(match.groups() for match in map(VERSION_DEFINE.match, defines) if match)
        return [int(numbers[macro]) if macro in numbers else None for macro in VERSION_MACROS]


def arrows(paths):
    return " -> ".join("src/" + path for path in paths)


# ---- the checks: each yields Problems ----------------------------------------------------------

def all_texts(tree):
    """(path, text, indent in the header) of everything that goes into the header."""
    yield from (("src/" + source.path, source.text, 0) for source in tree.sources.values())
    yield from ((name, tree.texts[name], len("// ")) for name in ("LICENSE", "src/tour.txt"))


def check_text(tree):
    for where, text, indent in all_texts(tree):
        if not text.endswith("\n"):
            yield Problem(where, text.count("\n") + 1, "no newline at the end of the file")
        if "\r" in text:
            yield Problem(where, line_of(text, text.index("\r")), "line ends must be LF alone, here is a CR")
        for number, line in enumerate(text.replace("\r", "").split("\n"), 1):
            if re.search(r"[^\x20-\x7e\t]", line):
                yield Problem(where, number, "only printable ASCII is allowed")
            if indent and line.endswith("\\"):
                yield Problem(where, number, "a backslash at the end would join two lines of a // comment")


def check_files(tree):
    for source in tree.sources.values():
        if source.pragmas[:1] != source.code_lines[:1] or not source.pragmas:
            yield source.problem((source.code_lines or [1])[0], "the first line of code must be #pragma once")
        for line in source.pragmas[1:]:
            yield source.problem(line, "a second #pragma once")
        if source.open_ifs:
            yield source.problem(len(source.lines), "#if and #endif do not pair up in this file")
        for line in source.odd_includes:
            yield source.problem(line, 'write one plain #include "file" or #include <file>, alone on its line')
        for include in source.inner:
            if include.path not in tree.sources:
                yield source.problem(include.line, f"there is no .hpp file src/{include.path}")
            if include.depth and not source.in_platform:
                yield source.problem(include.line, "inside #if, which the header cannot keep: move the include out")


def check_spine(tree):
    place = {path: number for number, path in enumerate(tree.order)}
    for number in set(tree.spine.code_lines) - {i.line for i in tree.spine.inner} - set(tree.spine.pragmas):
        yield tree.spine.problem(number, "the spine holds includes of files of src/ and comments, nothing else")
    for number, include in enumerate(tree.spine.inner):
        if include.path in (earlier.path for earlier in tree.spine.inner[:number]):
            yield tree.spine.problem(include.line, f"src/{include.path} is already listed")
    for source in tree.sources.values():
        if source.path not in tree.chains:
            yield source.problem(1, f"not reachable from src/{SPINE}: list it there or delete it")
        elif source.path not in place and source is not tree.spine:
            yield source.problem(1, f"missing in src/{SPINE}, but used: {arrows(tree.chains[source.path])}")
        for include in source.inner:
            if place.get(include.path, -1) > place.get(source.path, len(place)):
                yield source.problem(include.line, f"src/{include.path} comes later in src/{SPINE}: swap the two there")


def check_cycles(tree):
    finished, trail = set(), []

    def visit(path):
        trail.append(path)
        for include in tree.sources[path].inner:
            if include.path in trail:
                cycle = trail[trail.index(include.path):] + [include.path]
                yield tree.sources[path].problem(include.line, f"cycle of includes: {arrows(cycle)}")
            elif include.path in tree.sources and include.path not in finished:
                yield from visit(include.path)
        finished.add(trail.pop())

    for path in tree.sources:
        yield from visit(path)


def check_floors(tree):
    for source in (source for source in tree.sources.values() if source is not tree.spine):
        room = source.room
        if room not in FLOORS:
            yield source.problem(1, f"the folder '{room}' has no floor; those that have: {' '.join(FLOORS)}")
            continue
        for include in source.inner:
            other = include.path.split("/")[0]
            if other != room and (FLOORS.get(other, 0) >= FLOORS[room] or (room, other) in STRANGERS):
                chain = tree.chains.get(source.path, [source.path]) + [include.path]
                yield source.problem(include.line, f"{room} must not include {other}: {arrows(chain)}")


def check_version(tree):
    for macro, number in zip(VERSION_MACROS, tree.version()):
        if number is None:
            yield Problem("src/" + VERSION_FILE, 1, f"no line '#define {macro} <number below 1000>'")


CHECKS = (check_text, check_files, check_spine, check_cycles, check_floors, check_version)


def all_problems(tree):
    missing = [Problem(name, 1, "this file is missing") for name in tree.missing]
    return missing or sorted({problem for check in CHECKS for problem in check(tree)})


# ---- the header --------------------------------------------------------------------------------

def banner(tree, version):
    licence, tour = (tree.texts[name].rstrip("\n").split("\n") for name in ("LICENSE", "src/tour.txt"))
    lines = [f"{HEADER} {version}: {WHAT}", "SPDX-License-Identifier: MIT",
             "Generated by amalgamate.py from src/; do not edit.", "", *licence, "", *tour]
    return [f"// {line}".rstrip() for line in lines]


def part(source):
    """A file's lines as they go into the header: without #pragma once, inner and hoisted includes."""
    drop = {include.line for include in source.inner + source.hoisted} | set(source.pragmas)
    lines, gap = [""], False
    for number, line in enumerate(source.lines, 1):
        if number in drop:
            gap = True
        elif line or lines[-1] or not gap:  # where lines were dropped, one blank line is enough
            lines.append(line)
            gap = False
    return "\n".join(lines).strip("\n").split("\n")


def section(source):
    return f"// ---- {source.path} ".ljust(MAX_LINE, "-")


def amalgamate(tree):
    major, minor, patch = tree.version()
    version, number = f"{major}.{minor}.{patch}", major * 1000000 + minor * 1000 + patch
    system = dict.fromkeys(include.path for source in tree.parts for include in source.hoisted)
    lines = [*banner(tree, version), "", "#pragma once"]
    for source in tree.c_parts:
        lines += ["", section(source), "", *part(source)]
    lines += ["", "#if defined(__cplusplus)", "",
             "// Microsoft's compiler may say 199711 here, whatever it speaks, and the truth there.",
             "#if __cplusplus < 201703L && !(defined(_MSVC_LANG) && _MSVC_LANG >= 201703L)",
             f'#error "{HEADER} needs C++17: add -std=c++17 (Microsoft: /std:c++17)"',
             f"#elif defined({GUARD})",
             f"#if {GUARD} != {number}",
             f'#error "{HEADER}: this translation unit includes version {version} and another one; keep one of them"',
             "#endif", "#else", f"#define {GUARD} {number}", "",
             *(f"#include <{path}>" for path in system)]
    for source in (source for source in tree.parts if not source.is_c_part):
        lines += ["", section(source), "", *part(source)]
    return "\n".join([*lines, "", f"#endif  // {GUARD}", "#endif  // C++", ""])


# ---- the command -------------------------------------------------------------------------------

def report(problems):
    for problem in problems:
        print(f"{problem.path}:{problem.line}: {problem.message}")
    return bool(problems)


def is_stale(output, text):
    """Compares, and says how they differ."""
    if not output.is_file():
        print(f"{output.name} is missing: run amalgamate.py")
        return True
    committed = read(output)
    if committed != text:
        print(f"{output.name} is stale: run amalgamate.py and commit the result. The difference begins:")
        names = (f"{output.name} as it is", f"{output.name} as src/ says")
        diff = difflib.unified_diff(committed.split("\n"), text.split("\n"), *names, lineterm="")
        print("\n".join(line.encode("ascii", "backslashreplace").decode() for line in list(diff)[:20]))
    return committed != text


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if the header is stale")
    parser.add_argument("--output", type=pathlib.Path, help=f"the header, if it is not {HEADER} in the root")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent,
                        help="where src/ and LICENSE are, if not beside this script")
    options = parser.parse_args(arguments)
    output = options.output or options.root / HEADER
    tree = Tree(options.root)
    if report(all_problems(tree)):
        return 1
    text = amalgamate(tree)
    if options.check:
        return int(is_stale(output, text))
    if not (output.is_file() and read(output) == text):
        output.write_bytes(text.encode("ascii"))
        print(f"wrote {output.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
