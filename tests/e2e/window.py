"""A screen of its own (Xvfb) for a program with a window: keys that are pressed, pictures of what is seen, as PNG."""
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import time
import zlib

from support import PATIENCE


def missing():
    """What has to be installed."""
    return [name for name in ("Xvfb", "xdotool") if not shutil.which(name)]


class Picture:
    """Rows of RGB bytes."""

    def __init__(self, width, height, rows):
        self.width, self.height, self.rows = width, height, rows

    def pixel(self, x, y):
        return tuple(self.rows[y][3 * x:3 * x + 3])

    def count(self, box, is_it):
        """About how many pixels: one of four is looked at."""
        left, top, right, bottom = box
        return 4 * sum(is_it(*self.pixel(x, y)) for y in range(top, bottom, 2) for x in range(left, right, 2))

    def save(self, path):
        """Each row by the filter of PNG that leaves the smallest differences."""
        data, before = bytearray(), bytes(3 * self.width)
        for row in self.rows:
            left, corner = bytes(3) + row[:-3], bytes(3) + before[:-3]
            tried = [(0, row), (1, _minus(row, left)), (2, _minus(row, before)),
                     (4, _minus(row, bytes(map(_paeth, left, before, corner))))]
            number, filtered = min(tried, key=lambda one: sum(min(byte, 256 - byte) for byte in one[1]))
            data += bytes([number]) + filtered
            before = row
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(data), 9)), (b"IEND", b"")]
        pathlib.Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in parts))


def _minus(row, other):
    return bytes((a - b) & 255 for a, b in zip(row, other))


def _paeth(left, above, corner):
    guess = left + above - corner
    nearest = min((abs(guess - left), 0, left), (abs(guess - above), 1, above), (abs(guess - corner), 2, corner))
    return nearest[2]


class Display:
    """A screen of the window's size, with nothing else on it."""

    def __init__(self, width, height):
        self.folder = tempfile.mkdtemp()
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-fbdir", self.folder,
                   "-nolisten", "tcp", "-noreset"]  # else it begins anew when xdotool leaves, and is not there meanwhile
        self.process = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as told:
            self.name = ":" + told.readline().strip()
        assert self.name != ":", "Xvfb did not start"
        self.variables = {"DISPLAY": self.name, "SDL_VIDEODRIVER": "x11"}
        self.do("mousemove", width // 2, height // 2)  # without a window manager keys go where the mouse is

    def do(self, *words):
        subprocess.run(["xdotool", *map(str, words)], env={**os.environ, **self.variables}, check=True,
                       timeout=PATIENCE)

    def press(self, key):
        self.do("key", key)

    def picture(self):
        """What Xvfb keeps is a file of xwd's: a header of words, colors, rows of BGRX."""
        data = pathlib.Path(self.folder, "Xvfb_screen0").read_bytes()
        words = struct.unpack(">25I", data[:100])
        begin, width, height, line = words[0] + 12 * words[19], words[4], words[5], words[12]
        rows = []
        for y in range(height):
            row = data[begin + y * line:begin + y * line + 4 * width]
            rgb = bytearray(3 * width)
            rgb[0::3], rgb[1::3], rgb[2::3] = row[2::4], row[1::4], row[0::4]
            rows.append(bytes(rgb))
        return Picture(width, height, rows)

    def see(self, wanted, why, patience=PATIENCE):
        """The first picture of which `wanted` is true."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            picture = self.picture()
            if wanted(picture):
                return picture
            time.sleep(0.1)
        raise AssertionError(f"waited in vain to see {why}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)
