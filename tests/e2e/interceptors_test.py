#!/usr/bin/env python3
"""The interceptors of an example, as its user runs it: interceptors_test.py LOCAL_SERVER INTERCEPTORS"""
import socket
import subprocess
import sys

from support import PATIENCE, Result, Server, environment

SERVER, INTERCEPTORS = sys.argv[1:3]


def run(server, *words, **more):
    done = subprocess.run([INTERCEPTORS, *words], env=environment(server, **more), capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    return done.returncode, done.stdout, done.stderr


def test_whole_answers(server):
    status, text, log = run(server, "1000", "ping", "ping")
    answer = text.split("\n")[0]
    assert status == 0 and answer and text == f"{answer}\n{answer}\n", text
    assert log.count("-- opened\n") == 2 and log.count("-- done, ") == 2, log


def test_budget(server):
    whole = run(server, "1000", "ping")[1]
    status, text, log = run(server, "20", "ping", "ping")
    assert text == f"{whole[:20]}\n" * 2 and status == 1, text
    assert log.count("-- opened\n") == 2 and log.count("-- failed: ") == 2 and "-- once more" not in log, log


def test_circuit_breaker():
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    status, _, log = run(None, "20", "a", "b", "c", OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1")
    failed = "-- failed: the connection could not be made"
    left_alone = "-- the server is left alone"
    assert log.split("\n") == ["-- opened", "-- once more", failed,
                               left_alone, "-- opened", left_alone, "-- once more", failed,
                               left_alone, "-- opened", left_alone, "-- once more", failed, ""], log
    assert status == 1


def main():
    result = Result()
    with Server(SERVER) as server:
        result.run("within the budget, answers come whole", test_whole_answers, server)
        result.run("a budget cuts each answer and cancels the rest, which is not tried again", test_budget, server)
    result.run("a server that fails twice is left alone, also by retries", test_circuit_breaker)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
