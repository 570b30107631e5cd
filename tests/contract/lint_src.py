#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds src/ to the laws of src/README.md, as far as a search through its text can.

    lint_src.py             exit 1 if src/ breaks a rule, each breach as "src/room/file.hpp:LINE: what is wrong"
    lint_src.py --macros    besides, ask a real preprocessor which macros the header leaves behind
    lint_src.py --names     list what src/ declares in namespace openai_stream, and what the manual says of it

Why not the compiler: what is refused here compiles. It would only show later, as a byte of heap on a machine that has
none, or as a macro that changes a type's layout between two files of a program. Refused are, besides what amalgamate.py
cannot join:

    platform   a file of platform/ or c/ that is not wholly inside one #if defined(OPENAI_STREAM_<NAME>)
    laws 4, 6  outside platform/: words in FORBIDDEN, function-local static variables
    law 5      outside platform/: headers not in CORE_HEADERS
    law 8      outside platform/: #if on an OPENAI_STREAM_ macro between the braces of a class, struct or enum, and a
               #define without that prefix; everywhere: a #define without a later #undef (PUBLIC_MACROS may stay)
    sizes      files of src/ over 350 lines, test files over 650
    names      a name in namespace openai_stream itself that the manual does not tag: it belongs into `detail`
    law 12     tabs, trailing blanks, lines over 120, leftover notes (UNFINISHED)

These are searches through text without comments and literals, not a compiler: they stop accidents, not malice.
"""
import pathlib
import sys

# Not this folder: a script here that is named like a module of Python's, such as warnings.py, would hide that module.
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)
sys.dont_write_bytecode = True  # leave no __pycache__ beside amalgamate.py

import argparse
import re
import shutil
import subprocess
import tempfile
from collections import namedtuple

import amalgamate
from amalgamate import DIRECTIVE, HEADER, MAX_LINE, SPINE, Problem, Tree, blanked, line_of

# ---- the rules, as data ------------------------------------------------------------------------

# All that is left defined after the header:
PUBLIC_MACROS = {amalgamate.GUARD, "OPENAI_STREAM_C_API_INCLUDED", *amalgamate.VERSION_MACROS}
INSIDE = "detail"                                               # the namespace of what no user names
SELECTING_MACROS = ("OPENAI_STREAM_NO_SIMD",)                   # set by the user, select code; --macros tries each
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")

CORE_HEADERS = ("stddef.h", "stdint.h", "string.h", "emmintrin.h", "intrin.h")
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
# The words new and delete where they allocate nothing: deleted functions, declarations of operator new and delete, and
# an object in memory that is there, by the operator of io/claim.hpp.
HARMLESS = re.compile(r"=\s*delete\b|\bvoid\s*\*?\s*operator\s+(?:new|delete)\b|\bnew \([^;]*, Here\(\)\)")

# A file that does not fit into a reader's head holds more than one noun. The most lines of one, by folder:
MAX_LINES = {"src": 350, "tests": 650}
MEASURED = (".hpp", ".cpp", ".py")

# ---- reading C++ -------------------------------------------------------------------------------

DIRECTIVE_OR_SCOPE = re.compile(DIRECTIVE.pattern + r"|[{};]", re.MULTILINE)
PLATFORM_IF = re.compile(r"defined\(OPENAI_STREAM_[A-Z][A-Z0-9_]*\)$")
LAYOUT_IF = re.compile(r"\s*#\s*(?:el)?if.*\bOPENAI_STREAM_", re.DOTALL)
CLASS_HEAD = re.compile(r"\b(?:class|struct|union|enum)\b[^()=]*$")
PARENTHESES_IN_CLASS_HEAD = re.compile(  # alignas(8), B<(1 > 0)>; others make it a function
    r"(?:\b(?:alignas|OPENAI_STREAM_\w+)|[<,])\s*\((?:[^()]|\([^()]*\))*\)")
STATIC = re.compile(r"\bstatic\b")
CONSTANT = re.compile(r"\bstatic\b[^=(]*\bconstexpr\b|\bconstexpr\b[^=(]*\bstatic\b")
NAMESPACE_HEAD = re.compile(r"\bnamespace\b[\w\s:]*$|\bextern\s*\"\s*\"\s*$")


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

def check_style(tree):
    for where, text, indent in amalgamate.all_texts(tree):
        for number, line in enumerate(text.replace("\r", "").split("\n"), 1):
            for wrong, message in (
                    ("\t" in line, "tab"),
                    (line.endswith((" ", "\t")), "blanks at the end of the line"),
                    (len(line) + indent > MAX_LINE, f"the line is longer than {MAX_LINE - indent} characters"),
                    (UNFINISHED.search(line), f"unfinished: {' '.join(UNFINISHED.findall(line))}")):
                if wrong:
                    yield Problem(where, number, message)


def check_sizes(tree):
    for folder, most in MAX_LINES.items():
        for path in sorted(tree.root.joinpath(folder).rglob("*")):
            name = path.relative_to(tree.root).as_posix()
            if path.suffix not in MEASURED:
                continue
            count = amalgamate.read(path).count("\n")
            if count > most:
                yield Problem(name, most + 1, f"the file has {count} lines, and no more than {most} are allowed")


def check_platform_blocks(tree):
    for source in (source for source in tree.sources.values() if source.in_platform and not source.is_c_part):
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
                yield source.problem(line, "law 4: a function-local static variable that is not constexpr")


def check_core_headers(tree):
    for source in tree.core:
        for include in source.system:
            if include.path not in CORE_HEADERS:
                yield source.problem(include.line, f"law 5: <{include.path}> outside platform/, where only these "
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
    """Macros still defined after this very header: as it is, with each platform part, with each selecting macro."""
    compiler = next(filter(None, map(shutil.which, ("c++", "g++", "clang++"))), None)
    if not compiler:
        print("note: no C++ compiler on PATH, so --macros looked at nothing")
        return
    directives = amalgamate.read_directives(amalgamate.without_comments_and_literals(text))[0]
    ours = {re.match(r"\w*", d.rest).group(): d.line for d in directives if d.name == "define"}
    system = "".join(f"#include <{include.path}>\n" for source in tree.parts for include in source.hoisted)
    parts = [d.rest[len("defined("):-1] for source in tree.parts if source.in_platform and not source.is_c_part
             for d in source.directives if d.depth == 0 and d.name == "if"]
    for switches in [[], *([name] for name in dict.fromkeys([*parts, *SELECTING_MACROS]))]:
        before, after = (macros_after(compiler, code, switches) for code in (system, text))
        setting = f"with {switches[0]}" if switches else "as it is"
        if before is None or after is None:
            print(f"note: {compiler} cannot preprocess the header {setting}; --macros did not look at that")
            continue
        for macro in sorted((after - before) & ours.keys() - PUBLIC_MACROS):
            yield Problem(HEADER, ours[macro], f"macro {macro} is left defined ({setting})")


# ---- the names of the library ------------------------------------------------------------------

Name = namedtuple("Name", "name kind path line manual")  # manual: 'tagged' (>>class Stream<<), 'mentioned' or 'absent'
OURS = re.compile(r"\bOPENAI_STREAM_\w+(?:\s*\([^()]*\))?")
TYPE = re.compile(r"\b(class|struct|union|enum)\b(?:\s+(?:class|struct)\b)?\s+(?:alignas\s*\([^()]*\)\s*)?(\w+)")
QUALIFIED = re.compile(r"\w\s*::\s*~?\w+\s*(?:\(|$)|\boperator\b")  # a member that is defined outside of its class


def without_brackets(head):
    """A declaration without template parameters and arguments, attributes and our macros."""
    head, before = re.sub(r"\[\[[^\]]*\]\]", " ", OURS.sub(" ", head)), None
    head = re.sub(r"\(\s*([\w:]+)\s*\)\s*\(", r"\1(", head)  # (write)(int): a name that a macro may have, too
    while head != before:
        head, before = re.sub(r"<[^<>]*>", " ", head), head
    return head.strip()


def declared(head, opens):
    """(name, kind) of a declaration at the top level, or None; opens: whether a brace follows."""
    scope, head = scope_of(OURS.sub(" ", head)), without_brackets(head)
    namespace = re.search(r"(\binline\s+)?\bnamespace\s+(\w+)$", head)
    if namespace:  # of one that is inline nobody writes the name
        return None if namespace[1] else (namespace[2], "namespace")
    if scope == "class":
        kind, name = TYPE.search(head).groups()
        return (name, kind) if opens else None  # a declaration that names a type ahead of its definition
    alias = re.match(r"(?:template\s+)?using\s+(?:(\w+)\s*=|.*::\s*(\w+)$)", head)
    if alias:
        return alias[1] or alias[2], "alias"
    if not head or re.match(r"using\b|static_assert\b|friend\b|template\s+(?:class|struct)\b|extern\b", head):
        return None
    before_value = re.split(r"=(?!=)", head)[0]
    if "(" in before_value:
        signature = before_value.split("(")[0].rstrip()
        name = re.search(r"(\w+)$", signature)
        is_member = QUALIFIED.search(signature + "(")
        return (name[1], "function") if name and not is_member else None
    constant = re.match(r".*\s(\w+)\s*(?:\[[^\]]*\]\s*)*$", before_value.rstrip(), re.DOTALL)
    return (constant[1], "constant") if constant and not QUALIFIED.search(before_value) else None


def names_of(tree):
    """What each file declares in namespace openai_stream itself, each name once, in the order of the header."""
    tour, found = tree.texts["src/tour.txt"], {}
    tags = set(re.findall(r"(\w+)<<", tour))
    for source in tree.parts:
        for line, token, text, scopes in walk_scopes(source.code):
            is_whole = token in "{;" and not re.match(r"\s*[,)]", text)  # not what follows a default argument {}
            name = declared(text, token == "{") if is_whole and not scopes else None
            line += re.match(r"(?:OPENAI_STREAM_BEGIN\s+)?", text.lstrip())[0].count("\n")
            if name and name[0] not in found:
                manual = "mentioned" if re.search(rf"\b{name[0]}\b", tour) else "absent"
                manual = "tagged" if name[0] in tags else manual
                found[name[0]] = Name(*name, "src/" + source.path, line, manual)
    return list(found.values())


def check_names(tree):
    """What stands in the public namespace is what the manual tags. (One without tags says nothing of it.)"""
    if not re.search(r"\w<<", tree.texts["src/tour.txt"]):
        return
    for name in names_of(tree):
        if name.manual != "tagged" and (name.name, name.kind) != (INSIDE, "namespace"):
            yield Problem(name.path, name.line, f"{name.kind} {name.name} is public, but src/tour.txt does not tag it: "
                          f"move it into namespace {INSIDE}, or tell of it there as >>{name.name}<<")


CHECKS = (check_style, check_sizes, check_platform_blocks, check_scopes, check_core_headers, check_forbidden_words,
          check_macros, check_names)


def all_problems(tree):
    """What amalgamate.py refuses is named, too: without a sound order of files, a macro's #undef is not found."""
    unsound = amalgamate.all_problems(tree)
    if tree.missing:
        return unsound
    return sorted({*unsound, *(problem for check in CHECKS for problem in check(tree))})


def print_names(tree):
    names = names_of(tree)
    for name in names:
        print(f"{name.path}:{name.line}: {name.kind} {name.name}: {name.manual}")
    counts = {said: sum(name.manual == said for name in names) for said in ("tagged", "mentioned", "absent")}
    print(f"{len(names)} names; in src/tour.txt: " + ", ".join(f"{count} {said}" for said, count in counts.items()))


# ---- the command -------------------------------------------------------------------------------

def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--macros", action="store_true", help="preprocess the header and look for leaked macros")
    parser.add_argument("--names", action="store_true", help="list the names at the top level and look for nothing")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help="where src/ and LICENSE are, if not here")
    options = parser.parse_args(arguments)
    tree = Tree(options.root)
    if options.names and not tree.missing:
        print_names(tree)
        return 0
    if amalgamate.report(all_problems(tree)):
        return 1
    return int(options.macros and amalgamate.report(list(leaked_macros(tree, amalgamate.amalgamate(tree)))))


if __name__ == "__main__":
    sys.exit(main())
