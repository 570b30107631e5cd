"""The boards of examples/firmware, built and run by the very lines of its README.md."""
import contextlib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/bench")]  # both have a support.py: that of e2e is meant
import limits  # noqa: E402  pylint: disable=wrong-import-position,unused-import

README = ROOT / "examples/firmware/README.md"
STRICT = "-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror".split()
PATIENCE = 60
BUILD = pathlib.Path(os.environ.get("BUILD_DIR", ROOT / "build")).resolve() / "firmware"


def commands():
    """{program: words} of the README's lines that begin with a dollar sign, the first of each program."""
    text = README.read_text("utf-8").replace("\\\n", " ")
    found = {}
    for line in re.findall(r"^    \$ (.*)$", text, re.MULTILINE):
        words = shlex.split(line)
        found.setdefault(words[0], words)
    return found


def as_documented(program, *figures):
    """The README's row of that program says these, give or take 2 %: an interrupt more or less on the stack."""
    row = re.search(rf"^\| `{re.escape(program)}` \|(.*\d.*)\|$", README.read_text("utf-8"), re.MULTILINE)
    said = [int(re.search(r"[\d,]+", cell)[0].replace(",", "")) for cell in row[1].split("|")]
    good = len(said) == len(figures) and all(abs(one - other) * 50 <= one for one, other in zip(said, figures))
    assert good, f"README.md says {said} of {program}, it is {list(figures)}"


class Board:
    """A compiler and an emulator."""

    def __init__(self, name, prefix, compiler, emulator):
        self.name, self.prefix, self.compiler, self.emulator = name, prefix, compiler, emulator
        self.build_line, self.run_line = commands()[compiler], commands()[emulator]

    def missing(self):
        """The programs that are not there."""
        return [program for program in (self.compiler, self.emulator) if not shutil.which(program)]

    def build(self, name, *arguments, program=None):
        """The image, built with these arguments besides; `program` takes the place of main.cpp."""
        BUILD.mkdir(parents=True, exist_ok=True)
        image = BUILD / f"{self.name}-{name}.elf"
        words = []
        for word in self.build_line:
            if word.endswith("/main.cpp") and program is not None:
                words += map(str, program)
            elif "*" in word:
                words += sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(word))
            else:
                words.append(word)
        words[words.index("-o") + 1] = str(image)
        done = subprocess.run([*words, *STRICT, *arguments], cwd=ROOT, capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"{shlex.join(words)}\n{done.stderr}"
        return image

    def command(self, image, port=None):
        """What runs the image, its link connected to that port of this machine or to nothing."""
        words = [re.sub(r"^tcp:127\.0\.0\.1:8080$", f"tcp:127.0.0.1:{port}" if port else "null", word)
                 for word in self.run_line]
        return [*words[:-1], str(image)]

    def sizes(self, image):
        """(flash, static RAM) in bytes."""
        done = subprocess.run([self.prefix + "size", image], capture_output=True, text=True, check=True)
        text, data, bss = map(int, done.stdout.splitlines()[1].split()[:3])
        return text + data, data + bss

    def symbols(self, image):
        """Every symbol of it, as nm prints them."""
        return subprocess.run([self.prefix + "nm", "-C", image], capture_output=True, text=True, check=True).stdout


M3 = Board("m3", "arm-none-eabi-", "arm-none-eabi-g++", "qemu-system-arm")
RV32 = Board("rv32", "riscv64-unknown-elf-", "riscv64-unknown-elf-gcc", "qemu-system-riscv32")


def library(name, sources, arguments, key):
    """A C library for the Cortex-M3, made once for what `key` says (the text of its configuration)."""
    folder = BUILD / name
    archive, stamp = folder / f"lib{name}.a", folder / "key"
    if archive.exists() and stamp.exists() and stamp.read_text() == key:
        return archive
    folder.mkdir(parents=True, exist_ok=True)
    archive.unlink(missing_ok=True)
    command = ["arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb", "-std=c99", "-Os", "-ffunction-sections",
               "-fdata-sections", *arguments, "-c"]
    sources = sorted(map(str, sources))
    half = len(sources) // 2
    running = [subprocess.Popen([*command, *part], cwd=folder, stderr=subprocess.PIPE, text=True)
               for part in (sources[:half], sources[half:])]
    for one in running:
        said = one.communicate()[1]
        assert one.returncode == 0, said[-2000:]
    subprocess.run(["arm-none-eabi-ar", "rcs", archive, *sorted(folder.glob("*.o"))], check=True)
    stamp.write_text(key)
    return archive


class Run:
    """An image that was run to its end: its status, what it printed, and when."""

    def __init__(self, command, timeout=PATIENCE, cwd=None):
        self.pieces = []  # (seconds since the first, bytes)
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              cwd=cwd) as process:
            limit = time.monotonic() + timeout
            os.set_blocking(process.stdout.fileno(), False)
            is_open = True
            while is_open and time.monotonic() < limit:
                piece = None
                with contextlib.suppress(BlockingIOError):
                    piece = os.read(process.stdout.fileno(), 65536)
                if piece:
                    self.pieces.append((time.monotonic(), piece))
                is_open = piece != b""
                if piece is None:
                    time.sleep(0.002)
            if is_open:
                process.kill()
            self.said = process.stderr.read().decode("utf-8", "replace")
            self.status = process.wait() if not is_open else "time out"
        self.text = b"".join(piece for _, piece in self.pieces).decode("utf-8", "replace")

    def __repr__(self):
        return f"status {self.status}, {self.text!r}, {self.said!r}"


class Tests:
    """Counts tests, and says what failed or was skipped."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def run(self, name, test, *arguments):
        try:
            test(*arguments)
            self.passed += 1
        except (AssertionError, subprocess.SubprocessError, OSError, ValueError, TypeError) as wrong:
            self.failed += 1
            print(f"FAILED: {name}: {wrong}", flush=True)

    def skip(self, what):
        self.skipped += 1
        print(f"SKIPPED: {what}", flush=True)

    def end(self):
        """Prints the closing line; the exit status."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}", flush=True)
        return 1 if self.failed or self.passed + self.skipped == 0 else 0
