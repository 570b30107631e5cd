#!/usr/bin/env python3
"""With musl, which has no C++ library: README.md's first program against the local server, and the recorded answers.

musl.py [LOCAL_SERVER]
"""
import re
import shutil
import subprocess
import sys

from boards import BUILD, PATIENCE, ROOT, STRICT, Tests
from corpus import SOURCE, of_host, prepared
from firmware import local_server, whole_answer
from support import Server

COMPILE = ["musl-gcc", "-x", "c++", "-std=c++17", "-O1", "-static", "-fno-exceptions", "-fno-rtti", *STRICT, f"-I{ROOT}"]


def build(name, source):
    program = BUILD / f"musl-{name}"
    done = subprocess.run([*COMPILE, source, "-o", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]
    return program


def first_program_answers(server):
    code = re.search(r"```cpp\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)[1]
    assert "127.0.0.1:8080" in code
    source = BUILD / "musl.cpp"
    source.write_text(code.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}"))
    done = subprocess.run([build("first", source)], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (0, whole_answer(server)), done


def says_the_same(folder, expected):
    done = subprocess.run([build("corpus", SOURCE)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout == expected, done


def main():
    tests = Tests()
    if not shutil.which("musl-gcc"):
        tests.skip("musl: musl-gcc is not there")
        return tests.end()
    program = local_server()
    with Server(program, "--pace", "0") as server:
        tests.run("musl: README.md's first program", first_program_answers, server)
    folder, answers = prepared()
    if answers:
        tests.run("musl: the recorded answers", says_the_same, folder, of_host(folder))
    else:
        tests.skip("musl: there are no recorded answers")
    return tests.end()


if __name__ == "__main__":
    sys.exit(main())
