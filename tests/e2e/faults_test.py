#!/usr/bin/env python3
"""Each fault of the local server, and what a client makes of it: faults_test.py LOCAL_SERVER QUICK"""
import json
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.request

from support import PATIENCE, Result, Server, environment, match

SERVER, QUICK = sys.argv[1:3]
README = pathlib.Path(__file__).resolve().parents[2] / "examples/local_server/README.md"
WHOLE = "^Loud and clear: your request arrived in one piece, and this answer is on its way in many.\n$"
HALF = "^Loud and clear: your request arrived in one piece,\n$"
NOTHING = "^\n$"

# fault, exit status, standard output, standard error
ROWS = [
    ("status=400", 1, NOTHING, "^The server does not accept a part of the request \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: This is the fault you asked for: status 400\\. .*\n$"),
    ("status=404", 1, NOTHING, "^The server knows no such address or model; the URL may lack /v1 \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: .* status 404\\. .*\n$"),
    ("status=429", 1, NOTHING, "^There were too many requests, or the quota is used up \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: .* status 429\\. .*\n$"),
    ("status=500", 1, NOTHING, "^The server has a problem of its own; try again later \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: .* status 500\\. .*\n$"),
    ("status=503", 1, NOTHING, "^The server has a problem of its own; try again later \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: .* status 503\\. .*\n$"),
    ("status=302", 1, NOTHING, "^The server sends elsewhere, where the API key must not follow \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: .* status 302\\. .*\n$"),
    ("status=204", 1, NOTHING, "^The answer ended before it was finished \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. .*\n$"),
    ("html", 1, NOTHING, "^The answer is neither an event stream nor JSON \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. .*\n$"),
    ("html=502", 1, NOTHING, "^The server has a problem of its own; try again later \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. .*\n$"),
    ("early", 1, NOTHING, "^The request is too large for the server \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: .* .*\n$"),
    ("whole", 0, WHOLE, "^$"),
    ("error-first", 1, NOTHING, "^The server reported an error \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: This is the fault you asked for: an error event\\. .*\n$"),
    ("error-midstream", 1, HALF, "^The server reported an error \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: This is the fault you asked for: an error event\\. .*\n$"),
    ("cut", 1, HALF, "^The answer ended before it was finished \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. .*\n$"),
    ("cut-chunk", 1, HALF, "^The answer ended before it was finished \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. .*\n$"),
    ("cut-clean", 1, HALF, "^The answer ended before it was finished \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. .*\n$"),
    ("cut-after=4", 1, "^Loud and clear:\n$", "^The answer ended before it was finished \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. .*\n$"),
    ("reset", 1, HALF, "^The connection broke \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. .*\n$"),
    ("no-done", 0, WHOLE, "^$"),
    ("tools", 0, NOTHING, "^$"),
    ("reasoning", 0, WHOLE, "^$"),
    ("usage", 0, WHOLE, "^$"),
    ("comments", 0, WHOLE, "^$"),
    ("crlf", 0, WHOLE, "^$"),
    ("bytes", 0, WHOLE, "^$"),
    ("slow=0", 0, WHOLE, "^$"),
    ("reasoning+comments+crlf+bytes+no-done", 0, WHOLE, "^$"),
    ("nonsense", 1, NOTHING, "^The server does not accept a part of the request \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: 'model' asks for 'nonsense', which is no fault"),
    ("status=99", 1, NOTHING, "^The server does not accept a part of the request \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: 'model' asks for a status that is not 200 to 599"),
]


def ask(server, url, model):
    return subprocess.run([QUICK, "ping"], env={**environment(server), "OPENAI_BASE_URL": url, "OPENAI_MODEL": model},
                          capture_output=True, text=True, timeout=PATIENCE, check=False)


def client_says(server, fault, status, output, complaint):
    """The same by the model's name and by the path."""
    for url, model in ((server.url, "fault:" + fault), (f"{server.root}/fault:{fault}/v1", "local")):
        done = ask(server, url, model)
        match(output, done.stdout)
        match(complaint, done.stderr)
        assert done.returncode == status, done


def converse(server, fault, seconds=PATIENCE, path="/v1/chat/completions", length=None):
    """The bytes of an answer as they come over the wire, until the server closes or the time is over."""
    question = {"model": "fault:" + fault, "stream": True, "messages": [{"role": "user", "content": "ping"}]}
    body = json.dumps(question)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length or len(body)}\r\n\r\n"
    answer = b""
    deadline = time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", server.port)) as link:
        link.sendall((head + body).encode())
        while True:
            link.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                piece = link.recv(65536)
            except socket.timeout:
                return answer + b"(waiting)"
            if not piece:
                return answer
            answer += piece


def wire_shows(server, fault, pattern, seconds=PATIENCE, **how):
    match(pattern, converse(server, fault, seconds, **how).decode())


def body_of(answer):
    """Without the head and the chunks' framing; these must be right."""
    rest = answer.partition(b"\r\n\r\n")[2]
    body = b""
    while True:
        size, _, rest = rest.partition(b"\r\n")
        size = int(size, 16)
        assert rest[size:size + 2] == b"\r\n", rest
        if size == 0:
            assert rest == b"\r\n", rest
            return body.decode()
        body, rest = body + rest[:size], rest[size + 2:]


def events_are(server, fault, kinds):
    """The order of what the events say, repetitions left out."""
    lines = re.findall(r"^data: (.*?)\r?$", body_of(converse(server, fault)), re.MULTILINE)
    seen = []
    for line in lines:
        kind = "[DONE]"
        if line != kind:
            event = json.loads(line)
            choice = event["choices"][0] if event.get("choices") else {}
            delta = choice.get("delta", {})
            said = [key for key in ("tool_calls", "reasoning_content", "content") if delta.get(key)]
            kind = said[0] if said else choice.get("finish_reason") or ("usage" if event.get("usage") else None)
        if kind and seen[-1:] != [kind]:
            seen.append(kind)
    assert seen == kinds, seen


def tool_calls_are_two(server):
    calls = {}
    for line in re.findall(r"^data: (\{.*)$", body_of(converse(server, "tools")), re.MULTILINE):
        for call in json.loads(line)["choices"][0]["delta"].get("tool_calls", []):
            known = calls.setdefault(call["index"], {"arguments": ""})
            known["id"] = call.get("id") or known["id"]
            known["name"] = call["function"].get("name") or known["name"]
            known["arguments"] += call["function"]["arguments"]
    assert [json.loads(calls[index]["arguments"]) for index in (0, 1)] == [{"city": "Brest"}, {"city": "Bergen"}], calls
    assert len(calls) == 2 and calls[0]["id"] != calls[1]["id"] and calls[0]["name"] == "get_weather", calls


def stays_in_character(server):
    """Without a fault: words at a human pace, of an answer that is there as JSON, too."""
    began = time.monotonic()
    match("^Loud and clear", ask(server, server.url, "local").stdout)
    assert 0.4 < time.monotonic() - began < PATIENCE


def every_fault_is_tested_and_in_the_readme(server):
    said = subprocess.run([SERVER, "--help"], capture_output=True, text=True, check=True).stdout
    faults = re.findall(r"^  (\S+) +(.*)$", said, re.MULTILINE)
    names = {name.partition("=")[0] for name, _ in faults}
    rows = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in faults)
    assert "\n|---|---|\n" + rows + "\n" in README.read_text(encoding="ascii") + "\n", rows
    tested = {name.partition("=")[0] for row in ROWS for name in row[0].split("+")} | {"stall", "silence", "slow"}
    assert names == tested - {"nonsense"}, names ^ tested
    with urllib.request.urlopen(server.url + "/models") as answer:
        listed = {model["id"] for model in json.load(answer)["data"]}
    assert listed == {"local", *("fault:" + name for name in names)}, listed


WIRE = [
    ("429 and 503 say when to come back", "status=503", r"^HTTP/1.1 503 .*\r\nRetry-After: 2\r\n.*\{\"error\":\{"),
    ("other statuses do not", "status=500", r"^HTTP/1.1 500 (?!.*Retry-After).*\"type\":\"server_error\""),
    ("a status that has no body", "status=304", r"^HTTP/1.1 304 \r\n.*\r\n\r\n$"),
    ("a page", "html", r"^HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n.*<!DOCTYPE html>"),
    ("cut between two chunks", "cut", r'"finish_reason":null\}\]\}\n\n\r\n$'),
    ("cut in mid-chunk", "cut-chunk", r'\r\n[0-9a-f]+\r\ndata: \{"id":"cha$'),
    ("cut as HTTP ends a message", "cut-clean", r'"finish_reason":null\}\]\}\n\n\r\n0\r\n\r\n$'),
    ("a byte in each chunk", "bytes", r"\r\n\r\n1\r\nd\r\n1\r\na\r\n1\r\nt\r\n1\r\na\r\n"),
    ("CR LF", "crlf", r"\r\n\r\n[0-9a-f]+\r\ndata: \{.*\}\r\n\r\n\r\n[0-9a-f]+\r\ndata: \{"),
    ("comments", "comments", r"\r\n: keep-alive\n\ndata: \{.*\n: keep-alive\n\ndata: \[DONE\]"),
    ("an error first", "error-first", r"\r\n\r\n[0-9a-f]+\r\ndata: \{\"error\":\{"),
]


def main():
    result = Result()
    with Server(SERVER, "--pace", "0") as server:
        for row in ROWS:
            result.run("quick, " + row[0], client_says, server, *row)
        for name, fault, pattern in WIRE:
            result.run(name, wire_shows, server, fault, pattern)
        result.run("stall", wire_shows, server, "stall", r'^HTTP/1.1 200 .*piece,.*\}\n\n\r\n\(waiting\)$', 0.5)
        result.run("silence", wire_shows, server, "silence", r"^\(waiting\)$", 0.5)
        result.run("slow", wire_shows, server, "slow=20", r"^HTTP/1.1 200 OK.{0,40}\(waiting\)$", 1)
        early = {"path": "/fault:early/v1/chat/completions", "length": 4000000}
        result.run("early: the rest of the body is not waited for", lambda: wire_shows(
            server, "early", r"^HTTP/1.1 413 .*Connection: close\r\n", 1, **early))
        result.run("events of a whole answer", events_are, server, "usage+reasoning",
                   ["reasoning_content", "content", "stop", "usage", "[DONE]"])
        result.run("events without an end marker", events_are, server, "no-done", ["content", "stop"])
        result.run("events of tool calls", events_are, server, "tools", ["tool_calls", "[DONE]"])
        result.run("every fault is tested and in the README", every_fault_is_tested_and_in_the_readme, server)
        result.run("two tool calls", tool_calls_are_two, server)
        result.run("after all that the server still answers", client_says, server, "usage", 0, WHOLE, "^$")
    with Server(SERVER) as server:
        result.run("the local server stays in character", stays_in_character, server)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
