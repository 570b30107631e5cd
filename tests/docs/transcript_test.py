#!/usr/bin/env python3
"""What README.md and examples/README.md show of their commands is what they print: transcript_test.py SOURCE_ROOT

The first one runs in a terminal of 80 columns, and each line that the README shows behind "> " is typed; an answer
that ends in ^C is cut by that key. The tool loop runs without a terminal. Numbers differ from run to run, and so may the compiler's name.
"""
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from support import COMPILING, Result, Terminal, environment  # noqa: E402  pylint: disable=wrong-import-position

ROOT = pathlib.Path(sys.argv[1])
START = 12  # of a line that is cut by ^C, bytes that are there by then


def shown(words=""):
    """(command, the screen) of the document."""
    text = "\n".join((ROOT / name).read_text(encoding="ascii") for name in ("README.md", "examples/README.md"))
    shown_there = rf"^    \$ (sh examples/run\.sh{words})\n((?:    .*\n|\n)+)"
    command, screen = re.search(shown_there, text, re.MULTILINE).groups()
    return command, re.sub("^    ", "", screen, flags=re.MULTILINE).strip("\n")


def pattern_of(screen):
    lines = []
    for line in screen.split("\n"):
        if line.endswith("^C"):
            lines.append(re.escape(line[:START]) + r"[^\n]*\^C")
            continue
        lines.append(re.sub(r"\d+(\\\.\d)?(?=\\ ms|\\ tokens|/v1)", r"\\d+(\\.\\d)?", re.escape(line)))
    return "\n".join(lines).replace(r"with\ c\+\+\ \.\.\.", r"with\ .*\ \.\.\.")


def prints_what_is_shown():
    command, screen = shown()
    pattern = pattern_of(screen)
    with Terminal(["sh", "-c", f"cd '{ROOT}' && exec {command}"]) as terminal:
        terminal.see(r"\n>\s*$", COMPILING)
        for question, answer in re.findall(r"^> (.*)\n((?:(?!> ).*\n?)*)", screen, re.MULTILINE):
            cut = re.search(r"^(.*)\^C$", answer, re.MULTILINE)
            if cut:
                terminal.type(question)
                terminal.see(re.escape(cut[1][:START]))
                terminal.press("C-c")
                terminal.see(r"Cancelled\.\n\n>\s*$")
            else:
                terminal.ask(question, "tokens/s")
        seen = terminal.screen()
    assert re.match(pattern + r"\n\n>\s*\Z", seen), f"seen was\n{seen}\nand the README shows\n{screen}"


def tools_print_what_is_shown(option):
    command, screen = shown(" --tools")
    done = subprocess.run(["sh", "-c", f"cd '{ROOT}' && exec {command} {option}"], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(None), check=False,
                          timeout=COMPILING)
    assert done.returncode == 0 and re.fullmatch(pattern_of(screen) + r"\n", done.stdout), f"{done} is not\n{screen}"


def main():
    result = Result()
    for option in ("", "--responses"):
        result.run(f"the tool loop {option}", tools_print_what_is_shown, option)
    if shutil.which("tmux"):
        result.run("the first command", prints_what_is_shown)
    else:
        result.skip("the README's first command: tmux is not there")
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
