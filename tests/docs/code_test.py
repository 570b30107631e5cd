#!/usr/bin/env python3
"""Every block of code in README.md, examples/README.md and src/tour.txt compiles, and does what it should.

    code_test.py SOURCE_ROOT [--server LOCAL_SERVER] COMPILER...

frames/*.cpp has a file for each block. Its first line says which: "// The code of DOCUMENT, section "TITLE"." (", block
2" behind the title, if it is not the first there); the line "//// the code" stands where the block belongs, and nothing
else is needed for a whole program. Its second line, "// Prints: EXPRESSION", says what standard output looks like when
it runs; then every http://127.0.0.1:8080 in it is a local_server. A frame without it is compiled only, which is said.

A block of Markdown is what ```cpp opens; one of the tour is a paragraph, four columns in, with a line that ends in a
semicolon or a brace. Whatever else stands between fences is named as skipped. Besides, the line "// Build:" that
each example opens with compiles it; an example of several files opens with it in its main.cpp.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from support import PATIENCE, Result, Server  # noqa: E402  pylint: disable=wrong-import-position

WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror".split()
LIBRARIES = [  # name, a header of it, what stands in an example that needs it
    ("libcurl", "curl/curl.h", "#include <curl/curl.h>"),
    ("mbedTLS", "mbedtls/ssl.h", "#define OPENAI_STREAM_MBEDTLS"),
]
README, GUIDE, TOUR = "README.md", "examples/README.md", "src/tour.txt"
PLACE = "//// the code"


class Block:
    def __init__(self, document, section, line, code):
        self.document, self.section, self.line, self.code = document, section, line, code

    def __str__(self):
        return f"{self.document}:{self.line}, section \"{self.section}\""


def markdown_blocks(document, text, result):
    blocks, section, fence = [], "", None
    for number, line in enumerate(text.split("\n"), 1):
        if fence is not None:
            if line == "```":
                language, begin, code = fence
                block = Block(document, section, begin, "\n".join(code) + "\n")
                if language == "cpp":
                    blocks.append(block)
                else:
                    result.skip(f"{block}: a block of '{language}', not code")
                fence = None
            else:
                fence[2].append(line)
        elif line.startswith("```"):
            fence = (line[3:], number + 1, [])
        elif re.match("#+ ", line):
            section = line.lstrip("# ")
    assert fence is None, "a fence is not closed"
    return blocks


def tour_blocks(text):
    blocks, section, begin, code = [], "", 0, []
    for number, line in enumerate([*text.split("\n"), "the end"], 1):
        if line.startswith("    ") or (code and not line):
            begin = begin if code else number
            code.append(line[4:])
            continue
        if any(re.search(r"[;{}]\s*(//.*)?$", one) for one in code):
            blocks.append(Block(TOUR, section, begin, "\n".join(code).rstrip("\n") + "\n"))
        code = []
        if re.fullmatch(r"[A-Z][A-Z ,]+", line):
            section = line
    return blocks


def read_frames(folder):
    """{(document, section, number): (path, text, what it prints or None)}"""
    frames = {}
    for path in sorted(folder.glob("*.cpp")):
        text = path.read_text(encoding="ascii")
        head = re.match(r'// The code of (\S+), section "(.+?)"(?:, block (\d+))?\.\n(?:// Prints: (.+)\n)?', text)
        assert head and len(re.findall(rf"^ *{PLACE}$", text, re.MULTILINE)) == 1, f"{path.name} is no frame"
        key = (head[1], head[2], int(head[3] or 1))
        assert key not in frames, f"{path.name}: there is another frame for the same block"
        frames[key] = (path, text, head[4])
    return frames


def filled(frame_text, frame_path, block):
    """The frame with its block, in which a compiler names lines by the files they come from."""
    before, indent, after = re.match(rf"(.*\n)( *){PLACE}\n(.*)\Z", frame_text, re.DOTALL).groups()
    code = "".join(indent + line if line.strip() else line for line in block.code.splitlines(keepends=True))
    return (f"{before}#line {block.line} \"{block.document}\"\n{code}"
            f"#line {before.count(chr(10)) + 2} \"{frame_path.name}\"\n{after}")


def compile_and_run(root, compiler, server, block, frame):
    path, text, prints = frame
    program = filled(text, path, block)
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "block.cpp"), pathlib.Path(folder, "block")
        runs = prints and server
        if runs:
            program = program.replace("http://127.0.0.1:8080", server.root)
        source.write_text(program, encoding="ascii")
        command = [*compiler, "-std=c++17", *WARNINGS, f"-I{root}", str(source)]
        command += ["-o", str(target)] if runs else ["-fsyntax-only"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"does not compile:\n{done.stderr}"
        if not runs:
            return
        done = subprocess.run([str(target)], capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0 and re.search(prints, done.stdout, re.DOTALL), f"/{prints}/ is not in {done}"


def example_builds(compiler, path):
    """By the line it opens with, as its user would; nothing is written."""
    line = re.match(r"// Build: c\+\+ (.*)\n", path.read_text(encoding="ascii"))
    assert line, "the first line is not '// Build: c++ ...'"
    sources, name = (path.name, path.stem) if path.parent.name == "examples" else ("*.cpp", path.parent.name)
    assert f" {sources} " in line[1] and line[1].endswith(f" -o {name}"), line[1]
    words = re.sub(r" -o \w+$| -l\w+", "", line[1]).split()
    files = sorted(file.name for file in path.parent.glob("*.cpp"))
    words = [file for word in words for file in (files if word == "*.cpp" else [word])]
    done = subprocess.run([*compiler, *words, "-fsyntax-only"], capture_output=True, text=True, check=False,
                          cwd=path.parent)
    assert done.returncode == 0, f"does not compile:\n{done.stderr}"


def check_all(result, root, compiler, server):
    frames = read_frames(pathlib.Path(__file__).resolve().parent / "frames")
    blocks = [block for document in (README, GUIDE)
              for block in markdown_blocks(document, (root / document).read_text(encoding="ascii"), result)]
    blocks += tour_blocks((root / TOUR).read_text(encoding="ascii"))
    numbers, whole = {}, {}
    for block in blocks:
        place = (block.document, block.section)
        numbers[place] = numbers.get(place, 0) + 1
        frame = frames.pop((*place, numbers[place]), None)
        if not frame:
            result.run(str(block), same, "no frame in tests/docs/frames", "a frame")
            continue
        if re.sub("^//.*\n", "", frame[1], flags=re.MULTILINE) == "":
            whole[block.document] = block.code
        if needs(compiler, frame[1]):
            result.skip(f"{block}: {needs(compiler, frame[1])} is not there")
            continue
        if not (frame[2] and server):
            result.skip(f"{block}: is compiled, but not run")
        result.run(str(block), compile_and_run, root, compiler, server, block, frame)
    result.run("every frame has its block", same, {path.name for path, _, _ in frames.values()}, set())
    for path in sorted([*root.glob("examples/*.cpp"), *root.glob("examples/*/main.cpp")]):
        name = path.relative_to(root / "examples")
        if path.parent.name in ("firmware", "game", "imgui", "web"):  # for boards, windows and a browser: their tests build them
            continue
        missing = needs(compiler, path.read_text(encoding="ascii"))
        if missing:
            result.skip(f"the line that builds {name}: {missing} is not there")
        else:
            result.run(f"the line that builds {name}", example_builds, compiler, path)
    result.run("there is code", same, len(blocks) > 3, True)
    result.run("the program at the beginning is the same in both", same, whole.get(README), whole.get(TOUR))


def has_header(compiler, name):
    return subprocess.run([*compiler, "-E", "-xc++", "-"], input=f"#include <{name}>\n", capture_output=True, text=True,
                          check=False).returncode == 0


def needs(compiler, text):
    """The library that this code needs and is not there, or None."""
    return next((name for name, header, sign in LIBRARIES if sign in text and not has_header(compiler, header)), None)


def same(one, other):
    assert one == other, f"{one!r}\n  is not\n{other!r}"


def main():
    root, arguments = pathlib.Path(sys.argv[1]), sys.argv[2:]
    result = Result()
    if arguments[0] == "--server":
        with Server(arguments[1], "--pace", "0") as server:
            check_all(result, root, arguments[2:], server)
    else:
        check_all(result, root, arguments, None)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
