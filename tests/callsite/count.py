#!/usr/bin/env python3
"""Five tasks by this library and by others: count.py SOURCE_ROOT [LOCAL_SERVER COMPILER...]

Prints a table: lines that are not blank, and in how many different names of others (what stands after `.`, `->` or
`::`) a reader has to be at home. Ours must have the fewest of both among those in C++. With a server ours and those of
cpp-httplib are compiled and run, those of openai-node where that package is (NODE_PATH); the rest is text, by the
documentation of its owners, and was not run.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from support import PATIENCE, Result, Server, environment  # noqa: E402  pylint: disable=wrong-import-position

HERE = pathlib.Path(__file__).resolve().parent
TASKS = {  # task: what the local server's answer begins with
    "stream": "Sunlight", "chat": "Sunlight", "tools": "", "structured": "", "retry": "Sunlight",
}
CPP = ("ours", "ai-sdk-cpp", "cpp-httplib")
OTHERS = ("openai-python", "openai-node")
NAME = re.compile(r"(?:\.|->|::)\s*([A-Za-z_]\w*)")
TEXTS = re.compile(r'R"\(.*?\)"|"(?:\\.|[^"\\\n])*"|#include.*|from .*|import .*')


def file_of(library, task):
    return next(iter(sorted((HERE / library).glob(task + ".*"))), None)


def figures(path):
    """(lines, names)"""
    text = path.read_text("ascii")
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines), len(set(NAME.findall(TEXTS.sub("", text))))


def is_lowest(task):
    ours = figures(file_of("ours", task))
    for library in CPP[1:]:
        path = file_of(library, task)
        if path:
            theirs = figures(path)
            assert ours[0] <= theirs[0] and ours[1] <= theirs[1], f"{library}: {theirs}, ours: {ours}"


def runs(command, server, begin):
    variables = {"OPENAI_API_KEY": "k", "OPENAI_SERVER": server.root}
    done = subprocess.run(command, env=environment(server, **variables), input="Why is the sky blue?\n",
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0 and done.stdout.startswith(begin) and done.stdout.strip(), done


# Debian's cpp-httplib is a library, whose objects have other sizes without these macros.
LIBRARIES = {
    "ours": [],
    "cpp-httplib": ["-DCPPHTTPLIB_OPENSSL_SUPPORT", "-DCPPHTTPLIB_ZLIB_SUPPORT", "-DCPPHTTPLIB_BROTLI_SUPPORT",
                    "-lcpp-httplib"],
}


def compiles_and_runs(root, compiler, path, server, begin):
    with tempfile.TemporaryDirectory() as folder:
        target = str(pathlib.Path(folder, "program"))
        done = subprocess.run([*compiler, "-std=c++17", f"-I{root}", str(path), "-o", target, "-lpthread",
                               *LIBRARIES[path.parent.name]],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        runs([target], server, begin)


def has_header(compiler, name):
    return subprocess.run([*compiler, "-E", "-xc++", "-"], input=f"#include <{name}>\n", capture_output=True,
                          text=True, check=False).returncode == 0


def print_table():
    print("| task | " + " | ".join(CPP + OTHERS) + " |")
    print("|---" * (1 + len(CPP + OTHERS)) + "|")
    for task in TASKS:
        cells = [("{}, {}".format(*figures(file_of(library, task))) if file_of(library, task) else "-")
                 for library in CPP + OTHERS]
        print(f"| {task} | " + " | ".join(cells) + " |")


def main():
    result = Result()
    print_table()
    for task in TASKS:
        result.run(f"{task}: no other in C++ is shorter", is_lowest, task)
    if len(sys.argv) > 3:
        root, program, compiler = sys.argv[1], sys.argv[2], sys.argv[3:]
        with Server(program, "--pace", "0") as server:
            for task, begin in TASKS.items():
                result.run(f"ours: {task}", compiles_and_runs, root, compiler, file_of("ours", task), server, begin)
            if has_header(compiler, "httplib.h"):
                for task, begin in TASKS.items():
                    path = file_of("cpp-httplib", task)
                    result.run(f"cpp-httplib: {task}", compiles_and_runs, root, compiler, path, server, begin)
            else:
                result.skip("the programs by cpp-httplib: httplib.h is not there")
            packages = os.environ.get("NODE_PATH")
            if packages and shutil.which("node"):
                for task, begin in TASKS.items():
                    text = file_of("openai-node", task).read_text("ascii")
                    with tempfile.TemporaryDirectory(dir=pathlib.Path(packages).parent) as folder:
                        copy = pathlib.Path(folder, task + ".mjs")
                        copy.write_text(text, "ascii")
                        result.run(f"openai-node: {task}", runs, ["node", str(copy)], server, begin)
            else:
                result.skip("the programs by openai-node: NODE_PATH names no packages")
            result.skip("the programs by openai-python and ai-sdk-cpp: they are text, and were not run")
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
