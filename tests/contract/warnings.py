#!/usr/bin/env python3
"""The header is clean at the warnings it promises: warnings.py SOURCE_ROOT [--few] COMPILER...

Compiles warnings/*.cpp with each compiler as C++17 and as C++20 without exceptions and RTTI: nothing of the header
depends on either, which is looked up in it. core.cpp also with each way the code can be selected. --few: C++17 alone,
as the everyday suite does. A compiler in BARE has no system and compiles core.cpp and replay.cpp alone, as both
standards; there the object may also use nothing but what every C library and libgcc have. A clang-cl reads what needs
no library, with MinGW's headers, at Microsoft's own levels; it makes no object. A compiler that is missing is a skip. A
clang with a system warns in lifetimes.cpp where its comments say so, and nowhere else.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror".split()
FREESTANDING = ["-fno-exceptions", "-fno-rtti"]
MODES = ["-std=c++17"], ["-std=c++20", *FREESTANDING]
BARE_MODES = ["-std=c++17", *FREESTANDING], MODES[1]
# What would make the code of one standard or runtime another's, beside the one line that refuses what is too old.
ASKS = re.compile(r"^\s*#.*(?:__cpp_\w+|__EXCEPTIONS|__GXX_RTTI|__cplusplus *[<>=]+ *(?!201703L)\w+)", re.MULTILINE)
HOSTED = {
    "as the machine offers": ["-O2"],
    "a word at a time": ["-O2", "-U__SSE2__", "-U__ARM_NEON"],
    "no vector code": ["-O1", "-DOPENAI_STREAM_NO_SIMD"],
    "for size": ["-Os"],
    "unsigned char": ["-O2", "-funsigned-char"],
}
SMALL = ["-Os", "-ffunction-sections", "-fno-threadsafe-statics"]
RV32 = ["-march=rv32imc", "-mabi=ilp32", *SMALL]
BARE = {  # compiler: (what lists the symbols of an object, {where: options})
    "arm-none-eabi-g++": ("arm-none-eabi-nm", {
        "Cortex-M3": ["-mcpu=cortex-m3", "-mthumb", *SMALL],
        "Cortex-M0": ["-mcpu=cortex-m0", "-mthumb", *SMALL],
    }),
    "riscv64-unknown-elf-g++": ("riscv64-unknown-elf-nm", {
        "RISC-V, 32 bits": ["--specs=picolibc.specs", *RV32],
        "RISC-V without a C library": ["-ffreestanding", *RV32],
    }),
    "clang++-14 --target=wasm32": ("llvm-nm-14", {
        "WebAssembly without a C library": ["-ffreestanding", "-nostdlibinc", *SMALL],
    }),
}
AS_MICROSOFT = "/W4 /permissive- /WX -fsyntax-only --target=x86_64-pc-windows-msvc /D__STRICT_ANSI__=1".split()
MINGW = "x86_64-w64-mingw32-g++-posix"
NEEDS_LIBRARIES = {"client.cpp", "hosted.cpp", "tls.cpp"}  # that are not there for that compiler: of C++, mbedTLS
# C's memory and string functions, and the compiler's own arithmetic.
EVERYWHERE = re.compile(r"memcpy|memmove|memset|memcmp|memchr|strlen|__linear_memory|__stack_pointer|__aeabi_\w+|__gnu_thumb1_case_\w+|__clz\w+")


def problem(command, lister):
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "warnings.o"
        done = subprocess.run([*command, "-c", "-o", str(target)], capture_output=True, text=True)
        if done.returncode != 0 or done.stderr:
            return done.stderr
        if not lister:
            return ""
        listed = subprocess.run([lister, "-u", str(target)], capture_output=True, text=True, check=True)
        names = [line.split()[-1] for line in listed.stdout.splitlines()]
        return "".join(f"uses {name}\n" for name in names if not EVERYWHERE.fullmatch(name))


def builds(root, compiler, few):
    """(label, command) of everything one compiler has to build."""
    bare = compiler in BARE
    modes = BARE_MODES if bare else MODES
    for source in sorted((root / "tests/contract/warnings").glob("*.cpp")):
        core = source.name == "core.cpp"
        if bare and not core and source.name != "replay.cpp":
            continue
        selections = list((BARE[compiler][1] if bare else HOSTED).items())
        for label, selection in selections if core or bare else selections[:1]:
            for mode in modes[:1] if few else modes:
                flags = [*mode, *selection]
                yield f"{source.name} {label} {' '.join(flags)}", [
                    *compiler.split(), *WARNINGS, *flags, f"-I{root}", str(source)]


def builds_as_microsoft(root, compiler):
    """The same for a clang-cl."""
    said = subprocess.run([MINGW, "-v", "-E", "-x", "c++", "/dev/null"], capture_output=True, text=True, check=True)
    folders = map(os.path.realpath, said.stderr.split("search starts here:\n")[-1].split("End of")[0].split())
    system = [f"-imsvc{folder}" for folder in folders if not re.search(r"/gcc/.*/include(-fixed)?$", folder)]
    first = f"/FI{root / 'tests/contract/msvc_headers.h'}"
    for source in sorted((root / "tests/contract/warnings").glob("*.cpp")):
        if source.name in NEEDS_LIBRARIES:
            continue
        for standard in ("/std:c++17", "/std:c++20"):
            yield f"{source.name} {standard}", [
                compiler, *AS_MICROSOFT, standard, first, *system, f"-I{root}", os.path.relpath(source)]


def lifetime_problem(root, compiler):
    """Where clang warns of memory that is gone and should not, or should and does not; or an empty string."""
    source = root / "tests/contract/lifetimes.cpp"
    command = [*compiler.split(), "-std=c++17", "-Wall", "-Wextra", f"-I{root}", "-fsyntax-only", str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    warned = {int(line) for line in re.findall(r"lifetimes\.cpp:(\d+):\d+: warning", done.stderr)}
    wanted = {number for number, line in enumerate(source.read_text().split("\n"), 1) if line.endswith("// warns")}
    if done.returncode == 0 and warned == wanted and done.stderr.count("warning:") == len(wanted):
        return ""
    return f"warns in the lines {sorted(warned)}, and should in {sorted(wanted)}\n{done.stderr}"


def main():
    root, few = pathlib.Path(sys.argv[1]), "--few" in sys.argv
    compilers = [word for word in sys.argv[2:] if word != "--few"]
    passed = failed = skipped = 0
    asks = ASKS.search((root / "openai_stream.hpp").read_text())
    if asks:
        failed += 1
        print(f"FAILED: code that depends on a standard or on exceptions needs each with each: {asks[0]}")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for compiler in compilers:
            lister = BARE.get(compiler, [""])[0]
            is_microsoft = compiler.startswith("clang-cl")
            tools = (compiler.split()[0], lister, MINGW if is_microsoft else "")
            missing = [tool for tool in tools if tool and not shutil.which(tool)]
            if missing:
                print(f"SKIPPED: {missing[0]} is not there")
                skipped += 1
                continue
            if "clang" in compiler and compiler not in BARE and not is_microsoft:
                what = lifetime_problem(root, compiler)
                if what:
                    failed += 1
                    print(f"FAILED: {compiler}: lifetimes.cpp: {what}")
                else:
                    passed += 1
            if is_microsoft:
                print(f"SKIPPED: {compiler}: {', '.join(sorted(NEEDS_LIBRARIES))}: they need libraries")
                skipped += 1
            todo = list(builds_as_microsoft(root, compiler) if is_microsoft else builds(root, compiler, few))
            found = pool.map(lambda build: problem(build[1], lister), todo)
            for (label, _), what in zip(todo, found):
                if what:
                    failed += 1
                    print(f"FAILED: {compiler}: {label}\n{what}")
                else:
                    passed += 1
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed + skipped else 0


if __name__ == "__main__":
    sys.exit(main())
