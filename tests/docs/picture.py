#!/usr/bin/env python3
"""Draws the picture of README.md from a real run: picture.py SOURCE_ROOT LOCAL_SERVER CHAT

The chat runs in a terminal (tmux) against the local server and is asked what QUESTIONS says; what the terminal then
shows, with what is bold or dim there, becomes examples/chat.svg. The numbers differ from run to run; nothing else does.
"""
import pathlib
import re
import sys
import xml.sax.saxutils

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from support import Server, Terminal  # noqa: E402  pylint: disable=wrong-import-position

QUESTIONS = ["are you there?", "Why is the sky blue?"]
CELL, LINE, EDGE, BAR = 8.4, 19, 18, 34  # width of a character, height of a line, margin, title bar
PLAIN, DIM, BOLD = "#d8dee9", "#7b88a1", "#88c0d0"


def screen_of(server, chat):
    with Terminal([chat], columns=80, lines=40, OPENAI_BASE_URL=server.url) as terminal:
        terminal.see(r"\n>\s*$")
        for question in QUESTIONS:
            terminal.ask(question, "tokens/s")
        return terminal.screen("-e")


def spans(line):
    """(text, colour) of a line with escape sequences of tmux."""
    colour, found = PLAIN, []
    for part in re.split(r"(\x1b\[[\d;]*m)", line):
        style = re.fullmatch(r"\x1b\[([\d;]*)m", part)
        if style:
            for code in style[1].split(";"):
                colour = {"1": BOLD, "2": DIM, "": PLAIN, "0": PLAIN, "22": PLAIN}.get(code, colour)
        elif part:
            found.append((part, colour))
    return found


def svg(screen):
    lines = screen.replace("\x1b(B", "").replace("\x0f", "").rstrip().split("\n")
    width, height = EDGE * 2 + round(80 * CELL), BAR + EDGE + LINE * len(lines)
    rows = []
    for number, line in enumerate(lines):
        texts = "".join(f'<tspan fill="{colour}">{xml.sax.saxutils.escape(text)}</tspan>' for text, colour in spans(line))
        if texts:
            rows.append(f'<text x="{EDGE}" y="{BAR + LINE * (number + 1)}" xml:space="preserve">{texts}</text>')
    dots = "".join(f'<circle cx="{EDGE + 20 * i}" cy="{BAR // 2}" r="6" fill="{colour}"/>'
                   for i, colour in enumerate(("#bf616a", "#ebcb8b", "#a3be8c")))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="ui-monospace,Menlo,Consolas,monospace" font-size="14">\n'
            f'<title>A chat in the terminal</title>\n'
            f'<rect width="100%" height="100%" rx="8" fill="#242933"/>\n{dots}\n' + "\n".join(rows) + "\n</svg>\n")


def main():
    root, program, chat = sys.argv[1:4]
    with Server(program) as server:
        text = svg(screen_of(server, chat))
    text = text.replace("\u2014", "&#8212;").encode("ascii", "xmlcharrefreplace")
    text = re.sub(rb"127\.0\.0\.1:\d+", b"127.0.0.1:8080", text)
    pathlib.Path(root, "examples/chat.svg").write_bytes(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
