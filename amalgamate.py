#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Joins src/ into the one file a user copies: openai_stream.hpp.

    amalgamate.py              check src/, then write openai_stream.hpp if its content changed
    amalgamate.py --check      check src/, then compare: exit 1 and the start of a diff if openai_stream.hpp is stale
    amalgamate.py --macros     besides, ask a real preprocessor which macros the header leaves behind

src/all.hpp, the spine, lists every file once; its order is the order of the header. The same src/ gives the same bytes
on every machine. Nothing is written while src/ breaks a rule. Refused, each as "src/room/file.hpp:LINE: what is wrong":

    text       anything but printable ASCII with LF ends; tabs, trailing blanks, lines over 120, no newline at the end,
               leftover notes (UNFINISHED)
    files      no or late #pragma once; #if without #endif; an include that is not plain, or inside #if where it is lost
    spine      a file missing, listed twice or not used; an include of a file that comes later; a cycle of includes
    floors     an include upwards or sideways (FLOORS, STRANGERS)
    platform   a file of platform/ that is not wholly inside one #if defined(OPENAI_STREAM_<NAME>)
    law 8      outside platform/: #if on an OPENAI_STREAM_ macro anywhere between the braces of a class, struct or enum
    laws 9,10  outside platform/: headers not in CORE_HEADERS, words in FORBIDDEN, function-local static variables
    macros     a #define without a later #undef (PUBLIC_MACROS may stay), or without the OPENAI_STREAM_ prefix

These are searches through text without comments and literals, not a compiler: they stop accidents, not malice.
"""
import argparse
import difflib
import pathlib
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from collections import deque, namedtuple

# ---- the rules, as data ------------------------------------------------------------------------

HEADER = "openai_stream.hpp"
WHAT = "reads the answers of OpenAI-compatible servers event by event. C++17, one header, no dependencies."
SPINE, VERSION_FILE = "all.hpp", "base/version.hpp"
REQUIRED = ("LICENSE", "src/" + SPINE, "src/tour.txt", "src/" + VERSION_FILE)
GUARD = "OPENAI_STREAM_HPP_INCLUDED"
VERSION_MACROS = tuple("OPENAI_STREAM_VERSION_" + part for part in ("MAJOR", "MINOR", "PATCH"))
PUBLIC_MACROS = {GUARD, *VERSION_MACROS}        # all that is left defined after the header
SELECTING_MACROS = ("OPENAI_STREAM_NO_SIMD",)   # set by the user, select code; --macros tries each
MAX_LINE = 120
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")

FLOORS = {"base": 0, "http": 1, "sse": 1, "json": 1, "dialect": 2, "request": 2, "io": 3, "platform": 4}
STRANGERS = {("dialect", "http"), ("dialect", "sse")}  # on a lower floor, and still never included

CORE_HEADERS = ("stddef.h", "stdint.h", "string.h", "emmintrin.h", "immintrin.h", "arm_neon.h", "intrin.h")
FORBIDDEN = [(re.compile(pattern), why, only_in) for pattern, why, only_in in (
    # in code without comments and literals, outside platform/ | why | the one file that may
    (r"\b(?:throw|try|catch)\b", "the library does not use exceptions", ""),
    (r"\b(?:dynamic_cast|typeid)\b", "the library does not use RTTI", ""),
    (r"\b(?:__builtin_)?(?:(?:malloc|calloc|realloc)\b|free\s*\()", "the library does not allocate", ""),
    (r"\b(?:new|delete)\b", "the library does not allocate, and placement new needs a std header", ""),
    (r"\bstd\b", "no std header is included", ""),
    (r"\w*printf\b", "the library does not print, and printf weighs more than all of it", ""),
    (r"\bvirtual\b[\w\s]*~", "a virtual destructor links operator delete", ""),
    (r"\bgoto\b", "a state machine is a switch", ""),
    (r"\bdefault\s*:(?!:)", "a switch names every state, so that the compiler finds a forgotten one", ""),
    (r"\bassert\s*\(", "misuse is an Error, not an abort", ""),
    (r"\bgetenv\b", "the library does not read the environment", ""),
    (r"\berrno\b", "only platform/ knows an operating system", ""),
    (r"\bthread_local\b", "bare metal has no threads", ""),
    (r"__attribute__|__declspec|\[\[\s*(?:gnu|clang|msvc)\s*::", "attributes live behind a macro", "base/config.hpp"),
)]
# The words new and delete where they allocate nothing: deleted functions, declarations of operator new and delete.
HARMLESS = re.compile(r"=\s*delete\b|\bvoid\s*\*?\s*operator\s+(?:new|delete)\b")

# ---- reading C++ -------------------------------------------------------------------------------

TOKEN = re.compile(r"""
    (?P<comment> //(?:\\\n|[^\n])* | /\*.*?(?:\*/|\Z) )
  | (?P<literal> (?:u8|[uUL])?R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)"
               | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'? )
  | \.?\d(?:'?[\w.])* | [A-Za-z_]\w*      # numbers and names, so that 1'000 and u8'x' are read right
    """, re.VERBOSE | re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(\w*)((?:\\\n|[^\n])*)", re.MULTILINE)
DIRECTIVE_OR_SCOPE = re.compile(DIRECTIVE.pattern + r"|[{};]", re.MULTILINE)
INCLUDE = re.compile(r'[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)[ \t]*(?://.*)?(?<!\\)$')
VERSION_DEFINE = re.compile(r"(\w+)\s+(0|[1-9]\d{0,2})$")
PLATFORM_IF = re.compile(r"defined\(OPENAI_STREAM_[A-Z][A-Z0-9_]*\)$")
LAYOUT_IF = re.compile(r"\s*#\s*(?:el)?if.*\bOPENAI_STREAM_", re.DOTALL)
CLASS_HEAD = re.compile(r"\b(?:class|struct|union|enum)\b[^()=]*$")
PARENTHESES_IN_CLASS_HEAD = re.compile(  # alignas(8), B<(1 > 0)>; others make it a function
    r"(?:\b(?:alignas|OPENAI_STREAM_\w+)|[<,])\s*\((?:[^()]|\([^()]*\))*\)")
STATIC = re.compile(r"\bstatic\b")
CONSTANT = re.compile(r"\bstatic\b[^=(]*\bconstexpr\b|\bconstexpr\b[^=(]*\bstatic\b")
NAMESPACE_HEAD = re.compile(r"\bnamespace\b[\w\s:]*$|\bextern\s*\"\s*\"\s*$")

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
        self.in_platform = self.room == "platform"
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
        self.hoisted = [include for include in self.system if not include.depth]  # never in platform/: all in its #if

    def problem(self, line, message):
        return Problem("src/" + self.path, line, message)


class Tree:
    def __init__(self, root):
        src = root / "src"
        self.texts = {name: read(root / name) for name in REQUIRED if (root / name).is_file()}
        paths = sorted(path.relative_to(src).as_posix() for path in src.rglob("*.hpp"))
        self.sources = {path: Source(path, read(src / path)) for path in paths}
        self.spine = self.sources.get(SPINE, Source(SPINE, ""))
        self.order = list(dict.fromkeys(i.path for i in self.spine.inner if i.path in self.sources))
        self.parts = [self.sources[path] for path in self.order]
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


def scope_of(head):
    """What a brace opens, told by the text before it: 'class' (struct, union, enum too), 'namespace' or 'block'."""
    head, before = PARENTHESES_IN_CLASS_HEAD.sub("", head), None
    while head != before:  # template parameters and arguments, innermost angle brackets first
        head, before = re.sub(r"<[^<>]*>", "", head), head
    return "class" if CLASS_HEAD.search(head) else "namespace" if NAMESPACE_HEAD.search(head) else "block"


def walk_scopes(code):
    """Yields (line, token, text, scopes) for every directive, '{', '}' and ';'; text: the directive or the statement.

    Each branch of an #if starts from the scopes before it; those at the end of the last one stay.
    """
    scopes, saved, head, start = [], [], "", 0
    for match in DIRECTIVE_OR_SCOPE.finditer(code):
        head, start = head + code[start:match.start()], match.end()
        directive, line = match.group(1), line_of(code, match.start())
        if directive is None:
            yield line - head.lstrip().count("\n"), match.group(), head, scopes
            if match.group() != ";":
                scopes = scopes + [scope_of(head)] if match.group() == "{" else scopes[:-1]
            head = ""
            continue
        yield line, "#", match.group(), scopes
        if directive in ("if", "ifdef", "ifndef"):
            saved.append(scopes)
        elif directive.startswith("el") and saved:
            scopes = saved[-1]
        elif directive == "endif" and saved:
            saved.pop()
        head += "\n" * match.group().count("\n")


# ---- the checks: each yields Problems ----------------------------------------------------------

def check_text(tree):
    texts = {"src/" + source.path: (source.text, 0) for source in tree.sources.values()}
    texts.update({name: (tree.texts[name], len("// ")) for name in ("LICENSE", "src/tour.txt")})
    for where, (text, indent) in texts.items():
        if not text.endswith("\n"):
            yield Problem(where, text.count("\n") + 1, "no newline at the end of the file")
        if "\r" in text:
            yield Problem(where, line_of(text, text.index("\r")), "line ends must be LF alone, here is a CR")
        for number, line in enumerate(text.replace("\r", "").split("\n"), 1):
            for wrong, message in (
                    (re.search(r"[^\x20-\x7e\t]", line), "only printable ASCII is allowed"),
                    ("\t" in line, "tab"),
                    (line.endswith((" ", "\t")), "blanks at the end of the line"),
                    (len(line) + indent > MAX_LINE, f"the line is longer than {MAX_LINE - indent} characters"),
                    (indent and line.endswith("\\"), "a backslash at the end would join two lines of a // comment"),
                    (UNFINISHED.search(line), f"unfinished: {' '.join(UNFINISHED.findall(line))}")):
                if wrong:
                    yield Problem(where, number, message)


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


def check_platform_blocks(tree):
    for source in (source for source in tree.sources.values() if source.in_platform):
        skip = {include.line for include in source.inner} | set(source.pragmas)
        content = [line for line in source.code_lines if line not in skip] or [1]
        outer = [d for d in source.directives if d.depth == 0 and d.line not in skip]
        if [d.name for d in outer[:2]] == ["if", "endif"] and content[0] == outer[0].line:
            outside = [line for line in content if line > outer[1].line]
        else:  # also when a branch of #else would be there with the part switched off
            outside = content
        if outside or not PLATFORM_IF.match(outer[0].rest):
            yield source.problem((outside or content)[0], "all but inner includes must stand inside one "
                                 "#if defined(OPENAI_STREAM_<NAME>) ... #endif without #else")


def check_scopes(tree):
    for source in tree.core:
        for line, token, text, scopes in walk_scopes(source.code):
            if token == "#" and "class" in scopes and LAYOUT_IF.match(text):
                yield source.problem(line, "law 8: no #if on an OPENAI_STREAM_ macro inside a class, struct or enum")
            if token in "{;" and scopes[-1:] == ["block"] and STATIC.search(text) and not CONSTANT.search(text):
                yield source.problem(line, "law 9: a function-local static variable that is not constexpr")


def check_core_headers(tree):
    for source in tree.core:
        for include in source.system:
            if include.path not in CORE_HEADERS:
                yield source.problem(include.line, f"law 9: <{include.path}> outside platform/, where only these "
                                     f"are allowed: <{'> <'.join(CORE_HEADERS)}>")


def check_forbidden_words(tree):
    for source in tree.core:
        code = re.sub(r"^[ \t]*#[ \t]*(?:include|error|pragma)\b.*", blanked, source.code, flags=re.MULTILINE)
        code = HARMLESS.sub(blanked, code)
        for pattern, why, only_in in FORBIDDEN:
            for match in pattern.finditer(code) if source.path != only_in else ():
                place = f"only in src/{only_in}" if only_in else "not outside platform/"
                yield source.problem(line_of(code, match.start()), f"'{match.group()}' {place}: {why}")


def check_macros(tree):
    defined = {}  # name -> where, as long as no #undef came
    for source in tree.parts:
        for d in source.directives:
            name = re.match(r"\w*", d.rest).group()
            if d.name == "undef":
                defined.pop(name, None)
            elif d.name == "define":
                defined.setdefault(name, []).append((source, d.line))
                if not source.in_platform and not name.startswith("OPENAI_STREAM_"):
                    yield source.problem(d.line, f"macro {name}: the name must begin with OPENAI_STREAM_")
    for name in defined.keys() - PUBLIC_MACROS:
        for source, line in defined[name]:
            yield source.problem(line, f"macro {name} leaks: no #undef later in the order of src/{SPINE}")


def check_version(tree):
    for macro, number in zip(VERSION_MACROS, tree.version()):
        if number is None:
            yield Problem("src/" + VERSION_FILE, 1, f"no line '#define {macro} <number below 1000>'")


CHECKS = (check_text, check_files, check_spine, check_cycles, check_floors, check_platform_blocks, check_scopes,
          check_core_headers, check_forbidden_words, check_macros, check_version)


def all_problems(tree):
    missing = [Problem(name, 1, "this file is missing") for name in REQUIRED if name not in tree.texts]
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


def amalgamate(tree):
    major, minor, patch = tree.version()
    version, number = f"{major}.{minor}.{patch}", major * 1000000 + minor * 1000 + patch
    system = dict.fromkeys(include.path for source in tree.parts for include in source.hoisted)
    lines = [*banner(tree, version), "", "#pragma once", "",
             f"#if defined({GUARD})",
             f"#if {GUARD} != {number}",
             f'#error "{HEADER}: this translation unit includes version {version} and another one; keep one of them"',
             "#endif", "#else", f"#define {GUARD} {number}", "",
             *(f"#include <{path}>" for path in system)]
    for source in tree.parts:
        lines += ["", f"// ---- {source.path} ".ljust(MAX_LINE, "-"), "", *part(source)]
    return "\n".join([*lines, "", f"#endif  // {GUARD}", ""])


# ---- asking a real preprocessor ----------------------------------------------------------------

def macros_after(compiler, text, switches):
    """The macros defined after `text`, or None if it cannot be preprocessed."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "probe.cpp")
        file.write_bytes(text.encode("ascii"))
        command = [compiler, "-std=c++17", "-dM", "-E", *("-D" + name for name in switches), str(file)]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True)
    return None if result.returncode else set(re.findall(r"^#define (\w+)", result.stdout, re.MULTILINE))


def leaked_macros(tree, text):
    """Macros this very header leaves behind: as it is, with each platform part, with each selecting macro."""
    compiler = next(filter(None, map(shutil.which, ("c++", "g++", "clang++"))), None)
    if not compiler:
        print("note: no C++ compiler on PATH, so --macros looked at nothing")
        return
    directives = read_directives(without_comments_and_literals(text))[0]
    ours = {re.match(r"\w*", d.rest).group(): d.line for d in directives if d.name == "define"}
    system = "".join(f"#include <{include.path}>\n" for source in tree.parts for include in source.hoisted)
    parts = [d.rest[len("defined("):-1] for source in tree.parts if source.in_platform
             for d in source.directives if d.depth == 0 and d.name == "if"]
    for switches in [[], *([name] for name in dict.fromkeys([*parts, *SELECTING_MACROS]))]:
        before, after = (macros_after(compiler, code, switches) for code in (system, text))
        setting = f"with {switches[0]}" if switches else "as it is"
        if before is None or after is None:
            print(f"note: {compiler} cannot preprocess the header {setting}; --macros did not look at that")
            continue
        for macro in sorted((after - before) & ours.keys() - PUBLIC_MACROS):
            yield Problem(HEADER, ours[macro], f"macro {macro} is left defined ({setting})")


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
    parser.add_argument("--macros", action="store_true", help="preprocess the header and look for leaked macros")
    parser.add_argument("--output", type=pathlib.Path, help=f"the header, if it is not {HEADER} in the root")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent,
                        help="where src/ and LICENSE are, if not beside this script")
    options = parser.parse_args(arguments)
    output = options.output or options.root / HEADER
    tree = Tree(options.root)
    if report(all_problems(tree)):
        return 1
    text = amalgamate(tree)
    leaks = options.macros and report(list(leaked_macros(tree, text)))
    if options.check:
        return int(is_stale(output, text) or leaks)
    if not leaks and not (output.is_file() and read(output) == text):
        output.write_bytes(text.encode("ascii"))
        print(f"wrote {output.name}")
    return int(leaks)


if __name__ == "__main__":
    sys.exit(main())
