#!/usr/bin/env python3
"""examples/firmware, on emulated boards whose UART is connected to the local server; and the recorded answers there.

firmware.py [LOCAL_SERVER]      builds one if it is not given
"""
import json
import re
import subprocess
import sys
import urllib.request

import https
import tcp
from boards import BUILD, M3, PATIENCE, ROOT, RV32, Run, Tests, limits, as_documented
from corpus import recorded_answers
from support import Server

QUESTION = re.search(r'ask\(FIRMWARE_MODEL, "([^"]+)"\)', (ROOT / "examples/firmware/main.cpp").read_text())[1]
# After what the program prints: "stack" is all of it, the Stream in it.
FIGURES = re.compile(r"stack (\d+)\nof it the Stream (\d+)\n\Z")


def local_server():
    """The program: the argument, or what is made of its sources."""
    if len(sys.argv) > 1:
        return sys.argv[1]
    BUILD.mkdir(parents=True, exist_ok=True)
    unit, program = BUILD / "local_server.cpp", BUILD / "local_server"
    unit.write_text("".join(f'#include "{path}"\n' for path in sorted(ROOT.glob("examples/local_server/*.cpp"))))
    subprocess.run(["c++", "-std=c++17", "-O1", "-pthread", unit, f"-I{ROOT}/examples", "-o", program], check=True)
    return program


def whole_answer(server):
    """What the server says when it is asked for everything at once."""
    body = {"model": "local", "messages": [{"role": "user", "content": QUESTION}]}
    request = urllib.request.Request(server.url + "/chat/completions", json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
        return json.load(reply)["choices"][0]["message"]["content"]


def links_no_heap(board, image):
    found = re.findall(rf"\b\S*(?:{limits.FORBIDDEN_SYMBOLS})\S*", board.symbols(image))
    assert not found, found


def prints_token_by_token(board, image, server):
    done = Run(board.command(image, server.port))
    text, figures = whole_answer(server), FIGURES.search(done.text)
    assert done.status == 0 and figures and done.text[:figures.start()] == text + "\n", done
    began, ended = done.pieces[0][0], done.pieces[-1][0]
    halves = [piece for at, piece in done.pieces if at < (began + ended) / 2]
    assert ended - began > 1 and len(done.pieces) > 20, f"{len(done.pieces)} pieces in {ended - began:.1f} s"
    assert 0.2 < len(b"".join(halves)) / len(text.encode()) < 0.8, "not as it came"
    stack, stream = map(int, figures.groups())
    flash, ram = board.sizes(image)
    print(f"{board.name}: {flash:,} bytes of flash, {ram:,} of static RAM, {stack:,} of stack ({stream:,} of it the Stream)")
    if board is M3:
        as_documented("main.cpp", flash, ram, stack)


def does_with_1_kib(board, server):
    """And with a ring that is full all the time."""
    done = Run(board.command(board.build("1kib", "-DFIRMWARE_MEMORY=1024", "-DFIRMWARE_RING_BYTES=8"), server.port))
    assert done.status == 0 and done.text.startswith(whole_answer(server) + "\n"), done
    ram = board.sizes(BUILD / f"{board.name}-1kib.elf")[1]
    print(f"{board.name} with 1 KiB for the answer: {ram:,} bytes of static RAM, the same answer through a ring of 8")


def says_what_failed(board, server, fault, why):
    image = board.build(re.sub(r"\W", "-", fault), f'-DFIRMWARE_MODEL="fault:{fault}"')
    done = Run(board.command(image, server.port))
    assert done.status == 1 and re.search(why, done.text), done


def ends_with_a_fault(board):
    """A crash is a status, and not a program that hangs."""
    crash = BUILD / "crash.cpp"
    crash.write_text('#include "examples/firmware/board.hpp"\n'
                     'int firmware() { __builtin_trap(); }\n')
    done = Run(board.command(board.build("crash", program=[crash])))
    assert done.status == 99, done


def board_works(tests, board, server_program):
    if board.missing():
        tests.skip(f"firmware on {board.name}: {', '.join(board.missing())} is not there")
        return
    image = None

    def builds():
        nonlocal image
        image = board.build("firmware")
    tests.run(f"{board.name}: builds without a warning", builds)
    if image is None:
        return
    tests.run(f"{board.name}: no heap, no exceptions", links_no_heap, board, image)
    with Server(server_program) as server:  # at its own pace
        tests.run(f"{board.name}: prints token by token", prints_token_by_token, board, image, server)
    with Server(server_program, "--pace", "0") as server:
        tests.run(f"{board.name}: 1 KiB will do", does_with_1_kib, board, server)
        if board is M3:  # the others differ in their boards, not in these words
            tests.run(f"{board.name}: an answer that is cut", says_what_failed, board, server, "cut-clean",
                      r"^Sunlight.*\nThe answer ended before it was finished")
            tests.run(f"{board.name}: a refusal", says_what_failed, board, server, "status=503", r"^\n.*HTTP 503")
        tests.run(f"{board.name}: a server that falls silent", says_what_failed, board, server, "stall",
                  r"^Sunlight.*\nNothing was sent or received for too long")
    tests.run(f"{board.name}: a crash is a status", ends_with_a_fault, board)


def https_works(tests, server_program):
    if https.missing():
        tests.skip(f"firmware with https: {https.missing()}")
        return
    with Server(server_program, "--pace", "0") as server:
        tests.run("m3: https", https.asks_by_https, server, whole_answer(server))
        tests.run("m3: https, another CA", https.refuses_another_ca, server)


def tcp_works(tests, server_program):
    if tcp.missing():
        tests.skip(f"firmware with a network stack: {tcp.missing()}")
        return
    with Server(server_program, "--pace", "0") as server:
        tests.run("m3: TCP by lwIP", tcp.asks_by_tcp, server, whole_answer(server))
    tests.run("m3: TCP by lwIP, to nobody", tcp.says_that_nobody_is_there)


def main():
    tests = Tests()
    server = local_server()
    for board in (M3, RV32):
        board_works(tests, board, server)
    https_works(tests, server)
    tcp_works(tests, server)
    recorded_answers(tests)
    return tests.end()


if __name__ == "__main__":
    sys.exit(main())
