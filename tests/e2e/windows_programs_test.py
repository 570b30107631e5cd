#!/usr/bin/env python3
"""Examples built for Windows, warnings as errors, and run by Wine: windows_programs_test.py SOURCE_ROOT LOCAL_SERVER

The server is that of this machine, but for one row, in which local_server runs there, too. WINEPREFIX names Wine's
Windows.
"""
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib
from concurrent.futures import ThreadPoolExecutor

from support import COMPILING, Result, Server, environment

ROOT, SERVER = pathlib.Path(sys.argv[1]), sys.argv[2]
COMPILER = ["x86_64-w64-mingw32-g++-posix", "-std=c++17", "-O0", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion",
            "-Wsign-conversion", "-Wshadow", "-Werror", "-static"]
SAID = "Loud and clear: your request arrived in one piece,"
TOOLS = 'get_weather({"city":"Brest"}) = Brest: 14 degrees and light rain\n'
# What runs, its words, its input, and what its output begins with; which setting names the model that is cut off. (many
# and engine_http want epoll and libcurl.)
ROWS = [
    ("quick", ["ping"], "", SAID, "OPENAI_MODEL"),
    ("responses", ["ping"], "", SAID, "OPENAI_MODEL"),
    ("structured_output", ["ping"], "", "(glad)\n" + SAID, "OPENAI_MODEL"),
    ("game_loop", ["ping"], "", SAID, "OPENAI_MODEL"),
    ("chat", [], "ping\nwhat is my name?\n", SAID, "OPENAI_MODEL"),
    ("assistant", ["ping"], "", SAID, "OPENAI_MODEL"),
    ("tool_calls", ["the weather and the time"], "", TOOLS, "OPENAI_MODEL"),
    ("tool_calls", ["--responses", "the weather and the time"], "", TOOLS, "OPENAI_MODEL"),
    ("approve_tools", ["ping"], "", SAID, "OPENAI_MODEL"),
    ("interceptors", ["400", "ping"], "", SAID, "OPENAI_MODEL"),
    ("image_to_file", ["a lamp"], "", "preview 1\npreview 2\n", "OPENAI_IMAGE_MODEL"),
    ("image_to_file", ["--edit", "image.png", "a lamp at noon", "other.png"], "", "preview 1\n", "OPENAI_IMAGE_MODEL"),
    ("speak", ["ping", "spoken.pcm"], "", SAID, "OPENAI_MODEL"),
    ("transcribe", ["recording.wav"], "", "", "OPENAI_TRANSCRIPTION_MODEL"),
]


def compiles(folder, name, sources):
    """(whether it is there, what the compiler says)"""
    done = subprocess.run([*COMPILER, f"-I{ROOT}", *sources, "-o", pathlib.Path(folder, name + ".exe"), "-lws2_32"],
                          capture_output=True, text=True, timeout=COMPILING, check=False)
    return done.returncode == 0, done.stderr


def it_compiles(compiled):
    assert compiled[0], compiled[1]


def it_runs(folder, name, words, lines, said, setting):
    program = pathlib.Path(folder, name + ".exe")
    with Server(os.path.abspath(SERVER), "--pace", "0") as server:
        done, cut = (subprocess.run(["wine", program, *words], input=lines, cwd=folder, capture_output=True, text=True,
                                    env=environment(server, **{setting: model}), timeout=COMPILING, check=False)
                     for model in ("local", "fault:cut"))
    printed = done.stdout.replace("\r", "")
    assert done.returncode == 0 and printed.startswith(said) and printed != "", done
    assert cut.returncode == 1 and "he answer ended before it was finished" in cut.stderr, cut


def pictures_are_whole(folder):
    """No byte was taken for the end of a line: each chunk of PNG has its length and its sum."""
    for name in ("image.png", "other.png"):
        data = pathlib.Path(folder, name).read_bytes()
        kinds, at = [], 8
        while at < len(data):
            size, kind = struct.unpack_from(">I4s", data, at)
            assert zlib.crc32(data[at + 4:at + 8 + size]) == struct.unpack_from(">I", data, at + 8 + size)[0], name
            kinds.append(kind)
            at += 12 + size
        assert kinds[0] == b"IHDR" and kinds[-1] == b"IEND" and at == len(data), (name, kinds)


def local_server_runs(folder):
    """A question to it, and one whose answer it cuts; quick was built before."""
    server, quick = pathlib.Path(folder, "local_server.exe"), pathlib.Path(folder, "quick.exe")
    for model, status, said in (("local", 0, SAID), ("fault:cut", 1, SAID)):
        done = subprocess.run(["wine", server, "--pace", "0", "--run", quick, 'ping "a\\" b'], capture_output=True,
                              text=True, timeout=COMPILING, check=False, env=environment(None, OPENAI_MODEL=model))
        assert done.returncode == status and done.stdout.startswith(said), done


def main():
    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "recording.wav").write_bytes(bytes(range(256)) * 100)
        programs = {name: [ROOT / "examples" / f"{name}.cpp"] for name, *_ in ROWS}
        programs["local_server"] = sorted(pathlib.Path(ROOT, "examples", "local_server").glob("*.cpp"))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, compiled in zip(programs, pool.map(lambda one: compiles(folder, *one), programs.items())):
                result.run(f"{name} compiles for Windows", it_compiles, compiled)
        for row in ROWS:
            result.run(f"{row[0]} {row[1]} on Windows", it_runs, folder, *row)
        result.run("a picture on Windows is whole", pictures_are_whole, folder)
        result.run("local_server on Windows", local_server_runs, folder)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
