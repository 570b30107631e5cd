#!/usr/bin/env python3
"""How many connections a hundred requests need through the proxies people use: proxies_test.py LOCAL_SERVER CLIENT

Many servers end the message of an answer a moment after [DONE], and a proxy passes that on when it comes; the next
request is made at once. Each proxy is asked over plain HTTP and over TLS; at most one request in a hundred may need a
fresh connection."""
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

from nginx import PLAIN, Nginx, site
from rig import ANSWER, PATIENCE, WRAPPER, Rig
from support import Result
from wire import Listener, Wire

COUNT = 20 if WRAPPER else 200
MOST_FRESH = COUNT // 100

LATE_SECONDS = 0.003  # from [DONE] to the end of the message

# As nginx proxies when it is not told otherwise: by HTTP/1.0, buffered.
DEFAULT = ("proxy_buffering on", "proxy_http_version 1.0", "proxy_set_header Connection close")
SITES = {
    "plain_default": (*PLAIN[:2], DEFAULT),
    "plain_unbuffered": PLAIN,
    "tls_default": site("valid", *DEFAULT),
    "tls_unbuffered": site("valid"),
}

HAPROXY = """
global
    maxconn 256
defaults
    mode http
    timeout connect 10s
    timeout client 60s
    timeout server 60s
frontend plain
    bind 127.0.0.1:{plain}
    default_backend server
frontend tls
    bind 127.0.0.1:{tls} ssl crt {pem}
    default_backend server
backend server
    server local 127.0.0.1:{server}
"""


class LateServer(Listener):
    """Answers each request, and ends the message a moment later: by the last chunk, or for HTTP/1.0 by closing."""

    def attend(self, link, index):
        while True:
            request = b""
            while b"\r\n\r\n" not in request:
                more = link.recv(65536)
                if not more:
                    return
                request += more
            head, _, body = request.partition(b"\r\n\r\n")
            left = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)[1]) - len(body)
            while left > 0:
                left -= len(link.recv(65536))
            is_old = b"HTTP/1.0" in head.split(b"\r\n")[0]
            text = {"choices": [{"index": 0, "delta": {"content": ANSWER}, "finish_reason": "stop"}]}
            events = f"data: {json.dumps(text)}\n\ndata: [DONE]\n\n".encode()
            answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            if is_old:
                link.sendall(answer + b"Connection: close\r\n\r\n" + events)
            else:
                link.sendall(answer + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(events), events))
            time.sleep(LATE_SECONDS)
            if is_old:
                return
            link.sendall(b"0\r\n\r\n")


def find_haproxy():
    return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/sbin")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


class Haproxy:
    """A real haproxy in front of a server, unprivileged."""

    def __init__(self, rig, port):
        self.ports = {"plain": free_port(), "tls": free_port()}
        folder = pathlib.Path(rig.folder.name)
        pem = folder / "haproxy.pem"
        pem.write_bytes(b"".join(pathlib.Path(rig.pki.path(name)).read_bytes() for name in ("valid.pem", "valid.key")))
        config = folder / "haproxy.cfg"
        config.write_text(HAPROXY.format(pem=pem, server=port, **self.ports), encoding="ascii")
        self.process = subprocess.Popen([find_haproxy(), "-db", "-f", config], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)

    def __enter__(self):
        deadline = time.monotonic() + PATIENCE
        for port in self.ports.values():
            with socket.socket() as link:
                while link.connect_ex(("127.0.0.1", port)) != 0:
                    assert self.process.poll() is None and time.monotonic() < deadline, "haproxy does not listen"
                    time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def ask(rig, name, port, is_tls):
    """All are answered, and hardly one needs a connection of its own."""
    words = [f"count={COUNT}", "keeps=yes"]
    if is_tls:
        told = rig.ask(port, *words)
    else:
        told = rig.ask(port, *words, "plain=yes", host="127.0.0.1", authority=None,
                       urls=[f"http://127.0.0.1:{port}/v1"])
    fresh = told[-1]["dials"] - 1
    replaced = sum(one["replaced"] for one in told)
    print(f"{name}: {COUNT} requests, {fresh} of them over a fresh connection, {replaced} replaced", flush=True)
    assert len(told) == COUNT
    for one in told:
        assert (one["text"], one["error"], one["breaches"]) == (ANSWER, "no error", 0), one
    assert fresh <= MOST_FRESH, f"{fresh} of {COUNT} needed a fresh connection"


def main():
    result = Result()
    with Rig(*sys.argv[1:3], {"unused": PLAIN}) as rig, LateServer() as late, \
            Nginx(SITES, rig.pki.folder, late.port) as nginx:
        result.run("no proxy", ask, rig, "no proxy", late.port, False)
        for name in SITES:
            with Wire(nginx.address(name)) as wire:
                result.run(f"nginx, {name}", ask, rig, f"nginx, {name}", wire.port, name.startswith("tls"))
        if find_haproxy():
            with Haproxy(rig, late.port) as haproxy:
                for name, port in haproxy.ports.items():
                    result.run(f"haproxy, {name}", ask, rig, f"haproxy, {name}", port, name == "tls")
        else:
            result.skip("haproxy is not there (apt-get install haproxy)")
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
