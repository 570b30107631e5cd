"""What the measurements share: which header, how a tool is run, how a figure is printed and counted."""
import functools
import os
import pathlib
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TIMEOUT_S = 240
BUILD = pathlib.Path(os.environ.get("BUILD_DIR", ROOT / "build")).resolve() / "bench"


class Failed(Exception):
    """A tool that should have worked did not."""


def run(*command):
    """The output of a command that must succeed, and end: what is not linear may take for ever."""
    command = [str(word) for word in command]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              errors="replace", timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as expired:
        raise Failed(f"{shlex.join(command)}: not done in {TIMEOUT_S} s") from expired
    if done.returncode != 0:
        raise Failed(f"{shlex.join(command)}: status {done.returncode}\n"
                     f"{(done.stdout + done.stderr).strip()[-4000:]}")
    return done.stdout


@functools.lru_cache
def header():
    """The shipped header if it is there and up to date, else what it is made of. HEADER names another one."""
    if "HEADER" in os.environ:
        return pathlib.Path(os.environ["HEADER"]).resolve()
    shipped = ROOT / "openai_stream.hpp"
    try:
        run(sys.executable, ROOT / "amalgamate.py", "--check")
    except Failed:
        return ROOT / "src" / "all.hpp"
    return shipped if shipped.exists() else ROOT / "src" / "all.hpp"


def header_args(path):
    return [f'-DBENCH_HEADER="{path}"']


def build_directory(name):
    directory = BUILD / name
    directory.mkdir(parents=True, exist_ok=True)
    return directory


class Table:
    """Figures: printed as they come, counted where there is a limit."""

    def __init__(self, title):
        self.passed = self.failed = 0
        print(f"\n{title}", flush=True)

    def row(self, name, value, limit=None, note=""):
        """A figure of at most `limit`."""
        verdict = ""
        if limit is not None:
            verdict = self._count(value <= limit)
        print(f"  {name:<58} {number(value):>10} {number(limit):>10} {verdict:<6} {note}".rstrip(), flush=True)

    def check(self, name, good, detail=""):
        """A fact."""
        print(f"  {name:<58} {'':>10} {'':>10} {self._count(good):<6} {detail}".rstrip(), flush=True)

    def _count(self, good):
        self.passed += good
        self.failed += not good
        return "ok" if good else "NOT OK"

    def heading(self, text):
        print(f"  {text}", flush=True)


def number(value):
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def main(measure, title):
    """Runs measure(table, options) and counts; BENCH_TOTALS is a file for the counts."""
    table = Table(title)
    try:
        measure(table, set(sys.argv[1:]))
    except (Failed, OSError, ValueError) as failure:
        print(failure)
        table.check("could be measured", False)
    if "BENCH_TOTALS" in os.environ:
        with open(os.environ["BENCH_TOTALS"], "a", encoding="ascii") as totals:
            print(table.passed, table.failed, file=totals)
    return 1 if table.failed else 0
