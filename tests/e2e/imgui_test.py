#!/usr/bin/env python3
"""The panel of examples/imgui/ on a screen of its own: imgui_test.py LOCAL_SERVER IMGUI"""
import subprocess
import sys
import time

from support import PATIENCE, Result, Server, environment
from window import Display, missing

SERVER, IMGUI = sys.argv[1:3]
SIZE = (640, 360)
ANSWER = (4, 34, 636, 356)   # inside
COUNTER = (476, 10, 560, 28)  # of frames
STOP = (450, 18)


def is_white(red, green, blue):
    return min(red, green, blue) > 180


def is_red(red, green, blue):
    return red > 150 and green < 130 and blue < 130


class Panel:
    """The program, which has to be alive."""

    def __init__(self, display, url, model="local"):
        variables = environment(None, **display.variables, OPENAI_MODEL=model)
        self.process = subprocess.Popen([IMGUI], env={**variables, "OPENAI_BASE_URL": url})
        display.do("mousemove", 600, 18)  # an arrow is not to be taken for ink
        display.see(lambda picture: picture.count((4, 4, 400, 30), is_white) > 40, "the question")

    @staticmethod
    def ask(display):
        """A key that is pressed before the window has the keyboard goes nowhere."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            display.press("Return")
            try:
                display.see(lambda picture: picture.count(ANSWER, is_white) + picture.count(ANSWER, is_red) > 50, "", 2)
                return
            except AssertionError:
                pass
        raise AssertionError("nobody answers")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        was_alive = self.process.poll() is None
        self.process.kill()
        self.process.wait(timeout=PATIENCE)
        assert was_alive, f"it ended with {self.process.returncode}"


def ink(picture):
    return picture.count(ANSWER, is_white)


def the_answer_appears_while_it_is_written():
    with Server(SERVER, "--pace", "3") as server, Display(*SIZE) as display, Panel(display, server.url) as panel:
        assert ink(display.picture()) < 100, "it says something before it was asked"
        panel.ask(display)
        few = ink(display.see(lambda picture: ink(picture) > 150, "the first words"))
        display.see(lambda picture: ink(picture) > few + 300, "more words")
        display.do("mousemove", *STOP)
        display.do("click", 1)
        display.see(lambda picture: picture.count(ANSWER, is_red) > 50, "that it was cancelled")


def the_frames_go_on_while_the_server_stalls():
    with Server(SERVER) as server, Display(*SIZE) as display, Panel(display, server.url, "fault:stall") as panel:
        panel.ask(display)
        display.see(lambda picture: ink(picture) > 150, "half of it")
        seen = [display.picture()]

        def has_stalled(picture):
            """For much longer than it takes between two words."""
            seen.append(picture)
            last = seen[-15:]
            counters = {b"".join(one.rows[COUNTER[1]:COUNTER[3]]) for one in last}
            return len(last) == 15 and len(set(map(ink, last))) == 1 and len(counters) > 5

        display.see(has_stalled, "another number of frames, and no more words")


def what_went_wrong_is_said():
    with Server(SERVER) as server, Display(*SIZE) as display, Panel(display, server.url, "fault:status=429") as panel:
        panel.ask(display)
        display.see(lambda picture: picture.count(ANSWER, is_red) > 200, "why there is no answer")


def main():
    lacks = missing()
    result = Result()
    if lacks:
        result.skip("the panel of Dear ImGui: missing: " + ", ".join(lacks))
        return result.close()
    result.run("the answer appears while it is written, and stops when a button is pressed",
               the_answer_appears_while_it_is_written)
    result.run("the frames go on while the server stalls", the_frames_go_on_while_the_server_stalls)
    result.run("what went wrong is said", what_went_wrong_is_said)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
