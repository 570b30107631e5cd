#!/usr/bin/env python3
"""Examples built for Windows, warnings as errors, and run by Wine: windows_programs_test.py SOURCE_ROOT LOCAL_SERVER

The server is that of this machine, but for one row, in which local_server runs there, too. WINEPREFIX names Wine's
Windows.
"""
import pathlib
import subprocess
import sys
import tempfile

from support import COMPILING, Result, Server, environment

ROOT, SERVER = pathlib.Path(sys.argv[1]), sys.argv[2]
COMPILER = ["x86_64-w64-mingw32-g++-posix", "-std=c++17", "-O0", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion",
            "-Wsign-conversion", "-Wshadow", "-Werror", "-static"]
SAID = "Loud and clear: your request arrived in one piece,"
# What runs, its words, its input, and what its output begins with.
ROWS = [
    ("quick", ["ping"], "", SAID),
    ("structured_output", ["ping"], "", "(glad)\n" + SAID),
    ("game_loop", ["ping"], "", SAID),
    ("chat", [], "ping\nwhat is my name?\n", SAID),
]


def it_runs(folder, name, words, lines, said):
    program = pathlib.Path(folder, name + ".exe")
    subprocess.run([*COMPILER, f"-I{ROOT}", ROOT / "examples" / f"{name}.cpp", "-o", program, "-lws2_32"], check=True,
                   timeout=COMPILING)
    with Server(SERVER, "--pace", "0") as server:
        done = subprocess.run(["wine", program, *words], input=lines, env=environment(server), capture_output=True,
                              text=True, timeout=COMPILING, check=False)
        cut = subprocess.run(["wine", program, *words], input=lines, capture_output=True, text=True, check=False,
                             env=environment(server, OPENAI_MODEL="fault:cut"), timeout=COMPILING)
    assert done.returncode == 0 and done.stdout.replace("\r", "").startswith(said), done
    assert cut.returncode == 1 and "The answer ended before it was finished" in cut.stderr, cut


def local_server_runs(folder):
    """A question to it, and one whose answer it cuts; quick was built before."""
    server, quick = pathlib.Path(folder, "local_server.exe"), pathlib.Path(folder, "quick.exe")
    sources = sorted(pathlib.Path(ROOT, "examples", "local_server").glob("*.cpp"))
    subprocess.run([*COMPILER, *sources, "-o", server, "-lws2_32"], check=True, timeout=COMPILING)
    for model, status, said in (("local", 0, SAID), ("fault:cut", 1, SAID)):
        done = subprocess.run(["wine", server, "--pace", "0", "--run", quick, 'ping "a\\" b'], capture_output=True,
                              text=True, timeout=COMPILING, check=False, env=environment(None, OPENAI_MODEL=model))
        assert done.returncode == status and done.stdout.startswith(said), done


def main():
    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        for row in ROWS:
            result.run(f"{row[0]} on Windows", it_runs, folder, *row)
        result.run("local_server on Windows", local_server_runs, folder)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
