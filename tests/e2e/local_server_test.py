#!/usr/bin/env python3
"""What the local server says beside the two conversations: local_server_test.py LOCAL_SERVER"""
import base64
import http.client
import json
import sys
import zlib

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


def form(**fields):
    """A body and its headers; a field that is bytes is a file."""
    body = b""
    for name, value in fields.items():
        is_file = isinstance(value, bytes)
        filename = '; filename="a.bin"\r\nContent-Type: application/octet-stream' if is_file else ""
        head = f'--line\r\nContent-Disposition: form-data; name="{name.replace("_list", "[]")}"{filename}\r\n\r\n'
        body += head.encode() + (value if is_file else value.encode()) + b"\r\n"
    return body + b"--line--\r\n", {"Content-Type": "multipart/form-data; boundary=line"}


def events_of(content):
    """The data of each event, whose type stands in its line, too."""
    events = []
    for block in content.decode().split("\n\n")[:-1]:
        name, data = block.split("\n")
        events.append(json.loads(data.removeprefix("data: ")))
        assert name == "event: " + events[-1]["type"], block
    return events


def is_png(text):
    """All of its chunks are right, and the pixels are there."""
    data = base64.b64decode(text, validate=True)
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, pixels = 8, b""
    while at < len(data):
        size, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        chunk = data[at + 8:at + 8 + size]
        assert int.from_bytes(data[at + 8 + size:at + 12 + size], "big") == zlib.crc32(kind + chunk)
        pixels += chunk if kind == b"IDAT" else b""
        at += 12 + size
    return len(zlib.decompress(pixels)) == 16 * 17


def images(server):
    wish = {"model": "local", "prompt": "a lighthouse"}
    answer, content = ask(server, "POST", "/v1/images/generations", json.dumps(wish))
    whole = json.loads(content)
    assert answer.status == 200 and is_png(whole["data"][0]["b64_json"]) and whole["usage"]["input_tokens"] == 2, whole
    events = events_of(ask(server, "POST", "/v1/images/generations",
                           json.dumps({**wish, "stream": True, "partial_images": 2}))[1])
    kinds = ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    assert [event["type"] for event in events] == kinds and all(is_png(event["b64_json"]) for event in events), events
    assert [event.get("partial_image_index") for event in events] == [0, 1, None], events
    body, headers = form(prompt="more light", image_list=b"\x89PNG", stream="true")
    events = events_of(ask(server, "POST", "/v1/images/edits", body, headers)[1])
    assert [event["type"] for event in events] == ["image_edit.completed"] and is_png(events[0]["b64_json"]), events


def speech(server):
    wish = {"model": "local", "input": "one two three", "voice": "lumen"}
    answer, raw = ask(server, "POST", "/v1/audio/speech", json.dumps(wish))
    assert answer.getheader("Content-Type") == "audio/wav" and raw[:4] + raw[8:16] == b"RIFFWAVEfmt ", raw[:50]
    assert len(raw) == 44 + 3 * 800, len(raw)
    events = events_of(ask(server, "POST", "/v1/audio/speech", json.dumps({**wish, "stream_format": "sse"}))[1])
    assert [event["type"] for event in events] == ["speech.audio.delta"] * 3 + ["speech.audio.done"], events
    assert b"".join(base64.b64decode(event["audio"], validate=True) for event in events[:-1]) == raw
    assert ask(server, "POST", "/v1/audio/speech", json.dumps({**wish, "response_format": "pcm"}))[1] == raw[44:]


def transcriptions(server):
    heard = 'I have listened to "a.bin", all 5 bytes of it, and heard the sea.'
    body, headers = form(model="local", file=b"R\0\r\n\xff")
    whole = json.loads(ask(server, "POST", "/v1/audio/transcriptions", body, headers)[1])
    assert whole["text"] == heard, whole
    for more, segments in (({}, 0), ({"response_format": "diarized_json"}, 1)):
        body, headers = form(model="local", stream="true", file=b"R\0\r\n\xff", **more)
        events = events_of(ask(server, "POST", "/v1/audio/transcriptions", body, headers)[1])
        assert "".join(event.get("delta", "") for event in events) == events[-1]["text"] == heard, events
        assert [event["type"] for event in events].count("transcript.text.segment") == segments, events
        assert events[-1]["type"] == "transcript.text.done", events
    body, headers = form(model="local", response_format="text", file=b"R\0\r\n\xff")
    assert ask(server, "POST", "/v1/audio/transcriptions", body, headers)[1].decode() == heard + "\n"


def translations(server):
    heard = 'I have listened to "a.bin", all 5 bytes of it. In English, the sea says the same.'
    for more in ({}, {"stream": "true"}, {"response_format": "json"}):  # OpenAI's come whole in any case
        body, headers = form(model="local", file=b"R\0\r\n\xff", **more)
        answer, content = ask(server, "POST", "/v1/audio/translations", body, headers)
        assert answer.status == 200 and json.loads(content) == {"text": heard}, content
    body, headers = form(model="local", response_format="verbose_json", file=b"R\0\r\n\xff")
    whole = json.loads(ask(server, "POST", "/v1/audio/translations", body, headers)[1])
    assert whole == {"task": "translate", "language": "english", "duration": 1.5, "text": heard, "segments": []}, whole
    body, headers = form(model="local", response_format="text", file=b"R\0\r\n\xff")
    assert ask(server, "POST", "/v1/audio/translations", body, headers)[1].decode() == heard + "\n"


def refused_forms():
    """(name, path, body, headers, param)"""
    whole, headers = form(model="local", file=b"RIFF")
    yield "no file", "transcriptions", *form(model="local"), "file"
    yield "no model", "transcriptions", *form(file=b"RIFF"), "model"
    yield "a file that is a text", "transcriptions", *form(model="local", file="RIFF"), "file"
    yield "an empty file", "transcriptions", *form(model="local", file=b""), "file"
    yield "no form", "transcriptions", b"{}", {"Content-Type": "application/json"}, None
    yield "no boundary", "transcriptions", whole, {"Content-Type": "multipart/form-data"}, None
    yield "another boundary", "transcriptions", whole, {"Content-Type": "multipart/form-data; boundary=x"}, None
    for end in range(0, len(whole) - 4, 7):
        yield f"{end} bytes of one", "transcriptions", whole[:end], headers, None
    yield "no content", "transcriptions", b"--line\r\n\r\n\r\n--line--\r\n", headers, "model"
    yield "no model", "translations", *form(file=b"RIFF"), "model"
    yield "no file", "translations", *form(model="local"), "file"
    yield "a format of others", "translations", *form(model="local", file=b"R", response_format="srt"), (
        "response_format")
    yield "a fault that is none", "translations", *form(model="fault:x", file=b"R"), "model"
    yield "a part of nothing", "transcriptions", b"--line\r\n\r\n--line--\r\n", headers, None


def refuses_form(server, path, body, headers, param):
    answer, content = ask(server, "POST", "/v1/audio/" + path, body, headers)
    error = json.loads(content)["error"]
    assert answer.status == 400 and error["type"] == "invalid_request_error" and error["param"] == param, content


ERROR_ROWS = [
    (401, "invalid_request_error", "invalid_api_key"),
    (404, "invalid_request_error", "model_not_found"),
    (429, "requests", "rate_limit_exceeded"),
    (500, "server_error", "fault"),
    (503, "server_error", "fault"),
]


def errors_have_types(server, status, kind, code):
    for path, body in (("chat/completions", CHAT), ("audio/speech", "{}"), ("images/generations", "{}"),
                       ("completions", "{}"), ("audio/translations", "")):
        answer, content = ask(server, "POST", f"/fault:status={status}/v1/{path}", body)
        error = json.loads(content)["error"]
        assert (answer.status, error["type"], error["code"]) == (status, kind, code), content


def main():
    result = Result()
    with Server(SERVER, "--pace", "0") as server:
        result.run("lets a page ask", lets_a_page_ask, server)
        for name, *row in PAGE_ROWS:
            result.run("lets a page read: " + name, lets_a_page_read, server, *row)
        for test in (images, speech, transcriptions, translations):
            result.run(test.__name__, test, server)
        for name, *row in refused_forms():
            result.run("refuses a form: " + name, refuses_form, server, *row)
        for row in ERROR_ROWS:
            result.run(f"errors have types: {row[0]}", errors_have_types, server, *row)
    with Server(SERVER, "--key", "secret") as server:
        result.run("lets a page ask before it says its key", lets_a_page_ask, server)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
