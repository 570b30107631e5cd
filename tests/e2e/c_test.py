#!/usr/bin/env python3
"""The examples in C: c_test.py SOURCE_ROOT LOCAL_SERVER FIRMWARE LIBRARY (npc.c as a shared library)"""
import pathlib
import subprocess
import sys

from support import PATIENCE, Result, Server, environment, match

ROOT, SERVER, FIRMWARE, LIBRARY = sys.argv[1:5]
ANSWER = "Loud and clear: your request arrived in one piece, and this answer is on its way in many.\n"
HALF = "Loud and clear: your request arrived in one piece,\n"
NPC = str(pathlib.Path(ROOT, "examples/c/npc.py"))


def run(command, **variables):
    done = subprocess.run([*command, "ping"], env=environment(None, NPC_LIBRARY=LIBRARY, **variables),
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout, done.stderr


def firmware_says_that_nobody_listens():
    done = run([FIRMWARE], OPENAI_BASE_URL="http://127.0.0.1:1/v1")
    assert done[0] == 1, done
    match("^\nThe server closed the connection without an answer", done[1])


def firmware_answers():
    with Server(SERVER, "--pace", "0") as server:
        done = run([FIRMWARE], OPENAI_BASE_URL=server.url)
    assert done == (0, ANSWER, ""), done


def engine_answers(model, status, output, complaint):
    with Server(SERVER, "--pace", "0") as server:
        done = run([sys.executable, NPC], OPENAI_BASE_URL=server.url, OPENAI_MODEL=model)
    assert done[:2] == (status, output), done
    match(complaint, done[2])


def engine_says_that_nobody_listens():
    done = run([sys.executable, NPC], OPENAI_BASE_URL="http://127.0.0.1:1/v1")
    assert done[:2] == (1, "\n"), done
    match(r"^The connection could not be made \(127\.0\.0\.1:1\)", done[2])


def main():
    result = Result()
    result.run("firmware answers", firmware_answers)
    result.run("firmware, nobody listens", firmware_says_that_nobody_listens)
    for row in [("local", 0, ANSWER, "^$"), ("fault:bytes+crlf", 0, ANSWER, "^$"),
                ("fault:cut", 1, HALF, "^The answer ended before it was finished"),
                ("fault:status=401", 1, "\n", "^The server does not accept the API key")]:
        result.run(f"an engine, {row[0]}", engine_answers, *row)
    result.run("an engine, nobody listens", engine_says_that_nobody_listens)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
