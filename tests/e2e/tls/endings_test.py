#!/usr/bin/env python3
"""https connections that break or end, at every byte: endings_test.py LOCAL_SERVER CLIENT

Whatever happens, the client ends in time, and says "done" only when the answer was complete.
"""
import os
import sys

from nginx import site
from rig import ANSWER, API_KEY, WRAPPER, Rig
from support import Result
from wire import APPLICATION_DATA, TlsServer, records, tls_context

SITES = {
    "with_middle": site("with_middle"),
    "rsa": site("rsa_only", "ssl_protocols TLSv1.2"),
    "tickets": site("valid", "ssl_protocols TLSv1.2", "ssl_session_tickets on"),
}
# Each byte, every seventh (so that all of a record is met), or with a slow client a few of them.
CUTS = "few" if WRAPPER else os.environ.get("OPENAI_STREAM_TEST_CUTS")
EVERY, SOME = {"few": (41, 41), "all": (1, 1)}.get(CUTS, (1, 7))

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
HELLO = b'data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n'
FINISH = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"


def sized(body, count=None):
    return HEAD + b"Content-Length: %d\r\n\r\n" % (count or len(body)) + body


def chunked(*pieces, last=b"0\r\n\r\n"):
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(
        b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + last


def until_close(body):
    return HEAD + b"Connection: close\r\n\r\n" + body


COMPLETE = "no error"
TRUNCATED = "the answer ended before it was finished"

# sentence, answer, error with close_notify, error without
ENDINGS = [
    ("Content-Length, whole", sized(HELLO + FINISH + DONE), COMPLETE, COMPLETE),
    ("Content-Length, whole, without [DONE]", sized(HELLO + FINISH), COMPLETE, COMPLETE),
    ("Content-Length, a byte short", sized(HELLO + FINISH, len(HELLO + FINISH) + 1), TRUNCATED, TRUNCATED),
    ("chunks, whole", chunked(HELLO, FINISH, DONE), COMPLETE, COMPLETE),
    ("chunks, whole, without [DONE]", chunked(HELLO, FINISH), COMPLETE, COMPLETE),
    ("chunks without the last", chunked(HELLO, FINISH, last=b""), TRUNCATED, TRUNCATED),
    ("until close, with [DONE]", until_close(HELLO + FINISH + DONE), COMPLETE, COMPLETE),
    ("until close, with a finish reason only", until_close(HELLO + FINISH), COMPLETE, TRUNCATED),
    ("until close, in the middle", until_close(HELLO), TRUNCATED, TRUNCATED),
]


def ends(rig, answer, how, error):
    with TlsServer(tls_context(rig.pki, "valid"), answer, how) as server:
        told, = rig.ask(server.port)
    problem = "cut_off" if how == "no close_notify" and error == TRUNCATED else "none"
    assert (told["text"], told["error"], told["problem"]) == ("Hello", error, problem), told
    assert server.farewells == ["close_notify"], server.farewells


def says_farewell(rig):
    """A client that leaves first says so by close_notify, also in the middle of an answer that never ends."""
    with TlsServer(tls_context(rig.pki, "valid"), sized(HELLO + FINISH + DONE), "stays") as server:
        told, = rig.ask(server.port)
    assert told["error"] == COMPLETE and server.farewells == ["close_notify"], (told, server.farewells)
    with TlsServer(tls_context(rig.pki, "valid"), chunked(HELLO, last=b""), "stays") as server:
        told, = rig.ask(server.port, "idle_ms=300")
    assert (told["text"], server.farewells) == ("Hello", ["close_notify"]), (told, server.farewells)


def leaves_a_kept_connection(rig):
    """A server that promised to stay: the next request finds another connection."""
    for how in ("close_notify", "no close_notify"):
        with TlsServer(tls_context(rig.pki, "valid"), sized(HELLO + FINISH + DONE), how) as server:
            told = rig.ask(server.port, "count=3", "keeps=yes")
        assert [(one["text"], one["error"], one["dials"]) for one in told] == [
            ("Hello", COMPLETE, dials) for dials in (1, 2, 3)], told


def sends_much(rig):
    """A request of many records, over a link that takes it byte by byte."""
    for words in ([], ["stutters=yes"]):
        with TlsServer(tls_context(rig.pki, "valid"), sized(HELLO + FINISH + DONE)) as server:
            told, = rig.ask(server.port, "padding=100000", *words)
        assert told["error"] == COMPLETE, told
        assert API_KEY.encode() in server.heard[0] and b"ping" + b"." * 100000 + b'"' in server.heard[0]


def receives_much(rig):
    """Records of 16 KiB, many times as large as what is pulled at once; and of a byte."""
    big = b'data: {"choices":[{"index":0,"delta":{"content":"Hello"}}],"x":"%s"}\n\n' % (b"y" * 100000)
    for pieces in (sized(big + FINISH + DONE), [b"%c" % byte for byte in sized(HELLO + FINISH + DONE)]):
        with TlsServer(tls_context(rig.pki, "valid"), pieces) as server:
            told, = rig.ask(server.port)
        assert (told["text"], told["error"]) == ("Hello", COMPLETE), told


def flight(rig, name, authority):
    """How many bytes a server sends until the request can leave, and in all."""
    with rig.wire(name) as wire:
        told, = rig.ask(wire.port, authority=authority)
        assert told["text"] == ANSWER, told
        whole = sum(len(data) for is_client, data in wire.connections[-1] if not is_client)
        return wire.server_flight(), whole


def has_request(wire, index):
    return APPLICATION_DATA in records(wire.sent(index))[0]


def check_no_request(wire, index):
    assert not has_request(wire, index), index


def handshake_cut(rig, name, authority, every, breaks):
    """At every byte of the server's flight."""
    count = flight(rig, name, authority)[0]
    assert count > 400, count
    cuts = range(0, count, every)
    with rig.wire(name, limit=lambda index: cuts[index], breaks=breaks) as wire:
        told = rig.ask(wire.port, f"count={len(cuts)}", authority=authority)
        assert len(told) == len(wire.connections) == len(cuts)
        for index, one in enumerate(told):
            if cuts[index] >= count - 8 and has_request(wire, index):
                continue  # a signature was shorter this time, and the handshake complete
            assert one["problem"] == "cut_in_handshake" and one["text"] == "" and one["ms"] < 5000, (cuts[index], one)
            assert one["error"] == "the connection could not be made", (cuts[index], one)
            if one["protocol"] != "TLSv1.3":
                check_no_request(wire, index)
    print(f"{name}: the handshake cut at {len(cuts)} of {count} bytes ({breaks})")


def resumed_handshake_cut(rig):
    """Likewise; every other connection is whole, so that there is a session to resume."""
    with rig.wire("tickets") as wire:
        told = rig.ask(wire.port, "count=2")
        assert told[1]["resumed"], told
        count = wire.server_flight(1)
    cuts = range(0, count, EVERY)
    with rig.wire("tickets", limit=lambda index: cuts[index // 2] if index % 2 else None) as wire:
        told = rig.ask(wire.port, f"count={2 * len(cuts)}")
        for index, one in enumerate(told):
            if index % 2:
                assert one["problem"] == "cut_in_handshake" and one["text"] == "", (cuts[index // 2], one)
                check_no_request(wire, index)
            else:
                assert one["text"] == ANSWER and one["error"] == COMPLETE, one
    print(f"tickets: a resumed handshake cut at {len(cuts)} of {count} bytes")


def answer_cut(rig):
    """Between the handshake and the end: what came is kept, and "no error" is said of a whole answer only."""
    begin, end = flight(rig, "rsa", "rsa_root")
    cuts = range(begin, end, SOME * 7)
    with rig.wire("rsa", limit=lambda index: cuts[index]) as wire:
        told = rig.ask(wire.port, f"count={len(cuts)}", authority="rsa_root")
    errors = set()
    for cut, one in zip(cuts, told):
        errors.add(one["error"])
        assert one["problem"] in ("none", "cut_off") and ANSWER.startswith(one["text"]), (cut, one)
        assert (one["error"] == COMPLETE) <= (one["text"] == ANSWER), (cut, one)
        assert one["ms"] < 5000, (cut, one)
    assert errors >= {TRUNCATED}, errors


def version_bytes(data):
    """Where the versions of the records are."""
    places, at = [], 0
    while at < len(data):
        places += [at + 1, at + 2]
        at += 5 + int.from_bytes(data[at + 3:at + 5], "big")
    return places


def flips(rig):
    """One bit of the server's flight is another: no request leaves, and nothing crashes."""
    count = flight(rig, "rsa", "rsa_root")[0]
    places = range(0, count, SOME)
    with rig.wire("rsa", flip=lambda index: places[index]) as wire:
        told = rig.ask(wire.port, f"count={len(places)}", "handshake_ms=300", authority="rsa_root")
        for index, one in enumerate(told):
            received = b"".join(data for is_client, data in wire.connections[index] if not is_client)
            if places[index] in version_bytes(received) and one["error"] == COMPLETE:
                continue  # while nothing is encrypted they count for nothing, RFC 8446 section 5.1
            assert one["problem"] != "none" and one["text"] == "", (places[index], one)
            assert one["ms"] < 5000, (places[index], one)
            check_no_request(wire, index)


def main():
    result = Result()
    with Rig(*sys.argv[1:3], SITES) as rig:
        for name, answer, with_notice, without in ENDINGS:
            result.run(f"{name}, with close_notify", ends, rig, answer, "close_notify", with_notice)
            result.run(f"{name}, without close_notify", ends, rig, answer, "no close_notify", without)
        result.run("says farewell", says_farewell, rig)
        result.run("leaves a kept connection", leaves_a_kept_connection, rig)
        result.run("sends much", sends_much, rig)
        result.run("receives much", receives_much, rig)
        result.run("handshake cut", handshake_cut, rig, "rsa", "rsa_root", EVERY, "end")
        result.run("handshake reset", handshake_cut, rig, "rsa", "rsa_root", SOME, "reset")
        result.run("handshake cut, with an intermediate", handshake_cut, rig, "with_middle", "root", SOME, "end")
        result.run("resumed handshake cut", resumed_handshake_cut, rig)
        result.run("answer cut", answer_cut, rig)
        result.run("flipped bits", flips, rig)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
