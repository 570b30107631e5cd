#!/usr/bin/env python3
"""Many requests over one TLS session, or one connection, and what they cost: session_test.py LOCAL_SERVER CLIENT"""
import sys

from nginx import site
from rig import ANSWER, HOST, WRAPPER, Rig
from support import Result
from wire import Wire

SITES = {
    "tickets": site("valid", "ssl_protocols TLSv1.2", "ssl_session_tickets on"),
    "other_tickets": site("valid", "ssl_protocols TLSv1.2", "ssl_session_tickets on"),
    "identifiers": site("valid", "ssl_protocols TLSv1.2", "ssl_session_cache shared:tests:1m"),
    "newest": site("valid", "ssl_session_tickets on"),
    "wildcard": site("wildcard", "ssl_session_tickets on"),
    "other_host": site("other_host", "ssl_session_tickets on"),
    "none": site("valid"),
}
COUNT = 20 if WRAPPER else 500


def check_all(told, count):
    assert len(told) == count
    for one in told:
        assert (one["text"], one["error"], one["problem"]) == (ANSWER, "no error", "none"), one


def logged(rig, name):
    """What nginx says of each request there: reused or not, and the connection."""
    return [(line[2], line[3]) for line in rig.nginx.access() if line[0] == name]


def resumes(rig, name):
    """One session, many connections; nginx says so too."""
    with rig.wire(name) as wire:
        told = rig.ask(wire.port, f"count={COUNT}")
        full, resumed = len(wire.sent(0)), len(wire.sent(COUNT - 1))
        flights = wire.server_flight(0), wire.server_flight(COUNT - 1)
    check_all(told, COUNT)
    assert [one["resumed"] for one in told] == [False] + [True] * (COUNT - 1)
    log = logged(rig, name)
    assert [reused for reused, _ in log] == ["."] + ["r"] * (COUNT - 1), log
    assert len({connection for _, connection in log}) == COUNT == told[-1]["dials"]
    print(f"{name}: {COUNT} requests over one session; bytes of the server before the first request "
          f"{flights[0]}, resumed {flights[1]}; of the client in all {full}, resumed {resumed}")


def keeps(rig):
    """One connection, many requests."""
    with rig.wire("none") as wire:
        told = rig.ask(wire.port, f"count={COUNT}", "keeps=yes")
        assert len(wire.connections) == 1
    check_all(told, COUNT)
    log = logged(rig, "none")
    assert len(log) == COUNT and len({connection for _, connection in log}) == 1 == told[-1]["dials"], log


def does_not_resume_unasked(rig):
    """A server without sessions, or settings without."""
    for name, words in (("none", []), ("tickets", ["resume=no"])):
        with rig.wire(name) as wire:
            told = rig.ask(wire.port, "count=3", *words)
        check_all(told, 3)
        assert not any(one["resumed"] for one in told), told


def forgotten(rig):
    """A server that does not know the session any more: a whole handshake, and no error."""
    addresses = [rig.nginx.address(name) for name in ("tickets", "other_tickets")]
    with Wire(lambda index: addresses[index // 2 % 2]) as wire:
        told = rig.ask(wire.port, "count=8")
    check_all(told, 8)
    assert [one["resumed"] for one in told] == [False, True] * 4, told


def another_host(rig):
    """A session is never taken to another name, which the certificate may not be for; nor to another port."""
    with rig.wire("tickets") as wire:
        other = f"https://other.example:{wire.port}/v1"
        told = rig.ask(wire.port, "count=3", urls=[f"https://{HOST}:{wire.port}/v1", other])
    assert [one["problem"] for one in told] == ["none", "wrong_name", "none"], told
    assert not told[2]["resumed"], told
    with rig.wire("wildcard") as wire:
        urls = [f"https://{name}.openai.com:{wire.port}/v1" for name in "ab"]
        told = rig.ask(wire.port, "count=4", urls=urls)
    check_all(told, 4)
    assert not any(one["resumed"] for one in told), told
    with rig.wire("newest") as first, rig.wire("newest") as second:
        urls = [f"https://{HOST}:{wire.port}/v1" for wire in (first, second)]
        told = rig.ask(0, "count=4", urls=urls)
    check_all(told, 4)
    assert not any(one["resumed"] for one in told), told


def another_certificate(rig):
    """A server that forgot the session and has a bad certificate now is refused."""
    addresses = [rig.nginx.address(name) for name in ("tickets", "other_host")]
    with Wire(lambda index: addresses[index % 2]) as wire:
        told = rig.ask(wire.port, "count=4")
    assert [one["problem"] for one in told] == ["none", "wrong_name"] * 2, told


def pinned(rig):
    """A pin is held in a session too."""
    with rig.wire("tickets") as wire:
        told = rig.ask(wire.port, "count=3", "pin=" + rig.pki.pin("valid"))
    check_all(told, 3)
    assert [one["resumed"] for one in told] == [False, True, True], told


def allocations(rig, result):
    """Nothing by the header itself; mbedTLS's own, counted."""
    with rig.wire("tickets") as wire:
        resumed = rig.ask(wire.port, "count=10")
    with rig.wire("none") as wire:
        kept = rig.ask(wire.port, "count=10", "keeps=yes")
    if "own" not in resumed[0]:
        result.skip("allocations of mbedTLS: malloc cannot be replaced in this build")
        return
    for told in (resumed, kept):
        assert all(one["own"] == 0 for one in told), told
    assert {one["mbedtls"] for one in kept[1:]} == {0}, kept
    for name, one in (("a handshake and an answer", resumed[0]), ("the same, resumed", resumed[-1]),
                      ("an answer over a connection that stands", kept[-1])):
        print(f"{one['library']}, {name}: {one['mbedtls']} allocations by mbedTLS, 0 by the header, at most "
              f"{one['peak']} bytes, {one['live']} held afterwards")


def main():
    result = Result()
    with Rig(*sys.argv[1:3], SITES) as rig:
        result.run("resumes by tickets", resumes, rig, "tickets")
        result.run("resumes by identifiers", resumes, rig, "identifiers")
        result.run("resumes with the newest version", resumes, rig, "newest")
        result.run("keeps a connection", keeps, rig)
        for test in (does_not_resume_unasked, forgotten, another_host, another_certificate, pinned):
            result.run(test.__name__.replace("_", " "), test, rig)
        result.run("allocations", allocations, rig, result)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
