#!/usr/bin/env python3
"""What the local server says beside the two conversations: local_server_test.py LOCAL_SERVER"""
import http.client
import json
import sys

from support import PATIENCE, Result, Server

SERVER = sys.argv[1]
CHAT = json.dumps({"model": "local", "stream": True, "messages": [{"role": "user", "content": "ping"}]})
PAGE = {"Origin": "http://somewhere.example"}


def ask(server, method, path, body=None, headers=None):
    """The answer and its bytes."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    link.request(method, path, body, headers or {})
    answer = link.getresponse()
    content = answer.read()
    link.close()
    return answer, content


def may_read(answer):
    """What a browser asks before it lets a page see an answer (fetch.spec.whatwg.org, CORS check)."""
    return answer.getheader("Access-Control-Allow-Origin") in ("*", PAGE["Origin"])


def lets_a_page_ask(server):
    wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    for path in ("/v1/chat/completions", "/fault:status=500/v1/chat/completions", "/v1/models"):
        answer, content = ask(server, "OPTIONS", path, headers={**PAGE, **wanted})
        assert answer.status == 204 and content == b"" and may_read(answer), (path, answer.status)
        assert answer.getheader("Access-Control-Allow-Headers") == "authorization,content-type", answer.headers
        assert "POST" in answer.getheader("Access-Control-Allow-Methods"), answer.headers
    private = {**PAGE, **wanted, "Access-Control-Request-Private-Network": "true"}
    answer, _ = ask(server, "OPTIONS", "/v1/models", headers=private)
    assert answer.getheader("Access-Control-Allow-Private-Network") == "true", answer.headers


PAGE_ROWS = [
    ("a stream", "POST", "/v1/chat/completions", CHAT, 200),
    ("the models", "GET", "/v1/models", None, 200),
    ("a refusal", "POST", "/fault:status=429/v1/chat/completions", CHAT, 429),
    ("nothing there", "GET", "/nothing", None, 404),
    ("no JSON", "POST", "/v1/responses", "{", 400),
]


def lets_a_page_read(server, method, path, body, status):
    answer, _ = ask(server, method, path, body, PAGE)
    assert answer.status == status and may_read(answer), (answer.status, answer.headers.as_string())
    assert answer.getheader("Access-Control-Expose-Headers") == "*", answer.headers.as_string()
    answer, _ = ask(server, method, path, body)  # a program that is no page hears nothing of it
    assert not any(name.startswith("Access-Control") for name in answer.headers), answer.headers.as_string()


def main():
    result = Result()
    with Server(SERVER, "--pace", "0") as server:
        result.run("lets a page ask", lets_a_page_ask, server)
        for name, *row in PAGE_ROWS:
            result.run("lets a page read: " + name, lets_a_page_read, server, *row)
    with Server(SERVER, "--key", "secret") as server:
        result.run("lets a page ask before it says its key", lets_a_page_ask, server)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
