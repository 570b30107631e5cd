#!/usr/bin/env python3
"""What a C compiler sees of openai_stream.hpp: c_header_test.py SOURCE_ROOT

It sees no C++, and compiles it without a word, as C99 and C11, also for a Cortex-M3. Every enumerator of C++ that has a
C name has the same value there. A compiler that is missing is a skip.
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
WARNINGS = ("-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes "
            "-Werror").split()
COMPILERS = [["gcc"], ["clang"], ["clang-19"], ["arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb"]]
STANDARDS = ["-std=c99", "-std=c11", "-std=gnu17"]
PROGRAMS = ["tests/c/driver.c", "examples/c/firmware.c", "examples/c/npc.c"]
ENUMS = {  # in C: (the file, the enum in C++)
    "POLL": ("io/failure.hpp", "Poll"), "VERDICT": ("io/failure.hpp", "Verdict"),
    "EVENT": ("dialect/event.hpp", "EventKind"), "FINISH": ("dialect/event.hpp", "FinishReason"),
    "INTEREST": ("io/transport.hpp", "Interest"), "ROLE": ("request/chat_request.hpp", "Role"),
    "CATEGORY": ("base/error.hpp", "ErrorCategory"), "ERROR": ("base/error.hpp", "Error"),
}


def said(command):
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def compiles(compiler, standard, program):
    done = said([*compiler, standard, *WARNINGS, "-I.", "-fsyntax-only", program])
    assert done.returncode == 0 and not done.stderr, done.stderr


def is_free_of_cpp(compiler):
    text = said([*compiler, "-std=c99", "-E", "-P", "-I.", "tests/c/driver.c"]).stdout
    assert "oai_stream_open" in text
    for word in ("namespace", "constexpr", "noexcept", "template", "class "):
        assert word not in text, word


def older_c_is_refused(compiler):
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder, "old.c")
        program.write_text("#include \"openai_stream.hpp\"\n", "ascii")
        done = said([*compiler, "-std=gnu89", "-I.", "-fsyntax-only", str(program)])
    assert done.returncode != 0 and "needs C99 or C++17: add -std=c99" in done.stderr, done.stderr


def values(body):
    """{name: value} of the enumerators between braces."""
    found, next_value = {}, 0
    for part in re.sub(r"//.*", "", body).split(","):
        match = re.fullmatch(r"\s*(\w+)\s*(?:=\s*(-?\d+)\s*)?", part)
        if match:
            next_value = int(match[2]) if match[2] else next_value
            found[match[1]] = next_value
            next_value += 1
    return found


def is_the_same(prefix, file, name):
    text = (ROOT / "src/c/api.hpp").read_text("ascii")
    ours = {}
    for body in re.findall(r"^enum \{(.*?)\};", text, re.MULTILINE | re.DOTALL):
        ours.update(values(body))
    ours = {key[len(f"OAI_{prefix}_"):].lower(): value for key, value in ours.items() if key.startswith(f"OAI_{prefix}_")}
    body = re.search(rf"enum class {name} : uint8_t \{{(.*?)\}};", (ROOT / "src" / file).read_text("ascii"), re.DOTALL)[1]
    theirs = values(body)
    assert ours == theirs and ours, set(ours.items()) ^ set(theirs.items())


def main():
    result = Result()
    for prefix, (file, name) in ENUMS.items():
        result.run(f"OAI_{prefix}_ is {name}", is_the_same, prefix, file, name)
    for compiler in COMPILERS:
        if not shutil.which(compiler[0]):
            result.skip(f"C by {compiler[0]}: it is not there")
            continue
        result.run(f"{compiler[0]} sees no C++", is_free_of_cpp, compiler)
        result.run(f"{compiler[0]} says what C89 lacks", older_c_is_refused, compiler)
        for standard in STANDARDS:
            for program in PROGRAMS:
                result.run(f"{program} by {compiler[0]} {standard}", compiles, compiler, standard, program)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
