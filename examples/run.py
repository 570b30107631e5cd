#!/usr/bin/env python3
"""Run: python examples/run.py ["question"]

For where there is no shell as run.sh needs one, as on Windows: a chat, or with a question one answer. Builds what that
takes with the C++ compiler that is there (CXX, c++, g++, clang++ or cl). Unless OPENAI_BASE_URL names a server, one is
built from local_server/, which runs as long as the program does.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
WINDOWS = os.name == "nt"


def fail(words):
    sys.exit(f"run.py: {words}")


def compiler():
    """Its words: "ccache g++" in CXX are two."""
    named = os.environ.get("CXX", "").split()
    found = [name for name in ("c++", "g++", "clang++", "cl") if shutil.which(name)]
    if not named and not found:
        fail("there is no C++ compiler. Install g++, clang++ or Visual Studio (whose prompt is needed), or name one in "
             "CXX.")
    return named or [shutil.which(found[0])]


def command(words, source, target, folder):
    includes = [f"-I{HERE.parent}", f"-I{HERE}"]
    if pathlib.Path(words[-1]).stem.lower() == "cl":
        return [*words, "/nologo", "/std:c++17", "/EHsc", "/O1", *includes, source, f"/Fo{folder}\\", f"/Fe{target}",
                "ws2_32.lib"]
    return [*words, "-std=c++17", "-O1", *includes, source, "-o", target,
            *(["-static", "-lws2_32"] if WINDOWS else ["-pthread"])]


def main():
    question = " ".join(sys.argv[1:])
    program, words = ("quick", [question]) if question else ("chat", [])
    has_url = bool(os.environ.get("OPENAI_BASE_URL"))
    with tempfile.TemporaryDirectory() as name:
        folder, by = pathlib.Path(name), compiler()
        targets = {program: HERE / f"{program}.cpp"}
        if not has_url:
            targets["local_server"] = folder / "local_server.cpp"
            targets["local_server"].write_text(
                "".join(f'#include "local_server/{path.name}"\n' for path in sorted(HERE.glob("local_server/*.cpp"))))
        print(f"Building {program}.cpp{'' if has_url else ' and local_server'} with {' '.join(by)} ...", file=sys.stderr)
        programs = {target: str(folder / (target + (".exe" if WINDOWS else ""))) for target in targets}
        builds = [subprocess.Popen(list(map(str, command(by, source, programs[target], folder))))
                  for target, source in targets.items()]
        if any([build.wait() != 0 for build in builds]):
            fail("the build failed.")
        run = [] if has_url else [programs["local_server"], "--run"]
        child = subprocess.Popen([*run, programs[program], *words])
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:  # is meant for the chat
                continue


if __name__ == "__main__":
    sys.exit(main())
