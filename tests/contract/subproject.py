#!/usr/bin/env python3
"""The library as a meson subproject: subproject.py SOURCE_ROOT COMPILER [ARGUMENT...]

Builds and runs subproject/ in a temporary directory; the library must bring neither its tests nor its examples with it.
"""
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile


def main():
    root, compiler = pathlib.Path(sys.argv[1]), sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        consumer = pathlib.Path(folder) / "consumer"
        shutil.copytree(pathlib.Path(__file__).resolve().parent / "subproject", consumer)
        (consumer / "subprojects").mkdir()
        (consumer / "subprojects" / "openai_stream").symlink_to(root, target_is_directory=True)
        env = dict(os.environ, CXX=shlex.join(compiler))
        for command in (["meson", "setup", "build"], ["meson", "test", "-C", "build", "--no-suite", "openai_stream"]):
            done = subprocess.run(command, cwd=consumer, env=env, capture_output=True, text=True)
            if done.returncode != 0:
                print(done.stdout, done.stderr)
                return 1
        tests = subprocess.run(["meson", "test", "-C", "build", "--list"], cwd=consumer, capture_output=True, text=True)
        names = [line for line in tests.stdout.split("\n") if line and not line.startswith("ninja")]
        if len(names) != 1:
            print("a subproject brings its tests along:", names)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
