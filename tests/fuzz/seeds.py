#!/usr/bin/env python3
"""Inputs to begin with: seeds.py SOURCE_ROOT TARGET DIRECTORY

Those of corpus/TARGET.hex, and the answers in tests/corpus/, written in the words of script.hpp, so that long answers
become short inputs.

seeds.py --pack DIRECTORY COUNT: so many inputs of a directory, small and large, as lines for corpus/TARGET.hex
"""
import base64
import json
import pathlib
import re
import sys

if sys.argv[1] == "--pack":
    inputs = [path.read_bytes() for path in pathlib.Path(sys.argv[2]).iterdir()]
    inputs.sort(key=lambda one: (len(one), one))
    inputs = inputs[::max(1, len(inputs) // int(sys.argv[3]))]
    print("\n".join(one.hex() for one in inputs if one))
    sys.exit()
root, target, directory = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])


def words():
    """words[] of script.hpp, longest first, each with its number."""
    text = (root / "tests/fuzz/script.hpp").read_text()
    text = text[text.index("words[] = {"):text.index("};", text.index("words[] = {"))]
    text = re.sub(r"^\s*//.*$", "", text, flags=re.M)
    found = [m.encode().decode("unicode_escape").encode("latin1") for m in re.findall(r'"((?:[^"\\]|\\.)*)"', text)]
    return sorted(((word, number) for number, word in enumerate(found)), key=lambda pair: -len(pair[0]))


WORDS = words()
assert max(number for _, number in WORDS) < 256


def script(data):
    coded = bytearray()
    at = 0
    while at < len(data):
        run = 1
        while at + run < len(data) and run < 1024 and data[at + run] == data[at]:
            run += 1
        word = next((pair for pair in WORDS if len(pair[0]) > 2 and data.startswith(pair[0], at)), None)
        if run >= 8:
            coded += bytes([2, data[at], run // 4 - 1])
            at += run // 4 * 4
        elif word:
            coded += bytes([1, word[1]])
            at += len(word[0])
        else:
            coded += bytes([3, data[at]]) if data[at] in (1, 2, 3) else data[at:at + 1]
            at += 1
    return bytes(coded)


def rows(name):
    return map(json.loads, (root / "tests/corpus" / name).read_text().splitlines())


def answers():
    """(api, whole HTTP answer, or the data of one event)"""
    for row in rows("field.jsonl"):
        yield row["api"], (root / "tests/corpus" / row["file"]).read_bytes(), None
    for row in rows("json.jsonl"):
        if "json_b64" in row and row["kind"] in ("chat", "responses"):
            data = base64.b64decode(row["json_b64"])
            yield row["kind"], None, b"data: " + data.replace(b"\n", b"\ndata: ") + b"\n\n"
    for row in rows("http.jsonl"):
        if "input_b64" in row:
            yield "chat", base64.b64decode(row["input_b64"]), None
    for row in rows("sse.jsonl"):
        if "input_b64" in row:
            yield "chat", None, base64.b64decode(row["input_b64"])


def request_seeds():
    """Choices, then fields: a byte for the length (a multiple of 8 and 7 is null) and the bytes."""
    def field(text):
        return bytes([len(text)]) + text if len(text) % 8 != 7 else bytes([len(text) + 1]) + text + b" "

    for flags in (0, 0x0F, 0x3F, 0x5F, 0x80, 0xFF):
        for url in (b"http://h.example/v1", b"https://[::1]:8080/a/b", b"http://h.example?a=b", b"//"):
            texts = [url, b"key", b"org", b"X-A", b"value", b"model",
                     "h\u00e9 \"\\\n\U0001F600".encode(), b"name", b"id",
                     b'{"a":1}', b'{"type":"object"}', b'"seed":1', b"https://r.example", b"key", b"deploy ment"]
            yield bytes([flags, 1]) + b"".join(map(field, texts))


def recording_seeds():
    for first in (156, 157):
        for rest in ((157, 158, 159), (157, 158, 9, 159, 168), (164, 165, 163, 157), (157, 159, 161)):
            yield bytes([2, 5, 1]) + bytes(byte for word in (156, first) + rest for byte in (1, word))
    for flags in (0, 2, 4, 6):
        for size in (20, 200, 600):
            event = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (size - 19)
            text = (b"openai_stream recording 1 dial hang_up wait\n0 dial 80 h.example ready\n0 push 900 bytes 900\n"
                    + b"y" * 900 + b"\n1 wait 1 100 ready\n2 pull %d bytes %d\n" % (size, len(event)) + event
                    + b"\n3 pull 9 closed\n4 hang_up\n")
            yield bytes([flags, 7, 9]) + script(text)


def tls_seeds():
    alert = b"\x15\x03\x03\x00\x02\x02\x28"
    for said in (b"", b"\xff\x80\x80", b"\xff\x01\x90\x02\x91\x03", b"\x00\x00\xff\x04\x05"):
        for peer in (b"", alert, b"HTTP/1.1 400 Bad Request\r\n\r\n",
                     b"\x16\x03\x03\x00\x31\x02\x00\x00\x2d\x03\x03" + bytes(40)):
            yield bytes([1 if said else 0, 1]) + (bytes([len(said)]) + said if said else b"") + peer


def main():
    directory.mkdir(parents=True, exist_ok=True)
    number = 0
    for line in (root / f"tests/fuzz/corpus/{target}.hex").read_text().splitlines():
        (directory / f"kept{number:04}").write_bytes(bytes.fromhex(line.partition("#")[0]))
        number += 1
    for seed in {"request": request_seeds, "tls": tls_seeds, "recording": recording_seeds}.get(target, list)():
        number += 1
        (directory / f"seed{number:04}").write_bytes(seed)
    if target in ("request", "filters", "tls"):
        print(f"{number} seeds")
        return
    for api, http, body in answers():
        if not (http or body):
            continue
        if target == "exchange_responses" and api != "responses":
            continue
        if target in ("exchange_chat", "extra_events") and api != "chat":
            continue
        coded = script(http or body)
        if len(coded) > 700:
            continue
        if target == "stream":
            number += 1
            kind = 1 if api == "responses" else 0
            (directory / f"seed{number:04}").write_bytes(bytes([kind, 3, number % 251, 0, 0]) + coded)
            continue
        for size in range(2):
            number += 1
            flags = 0x23 if http else 0x20
            flags |= target == "recording"  # recorded and played again
            (directory / f"seed{number:04}").write_bytes(bytes([flags, number % 200, (1, 0x87)[size]]) + coded)
    print(f"{number} seeds")


if __name__ == "__main__":
    main()
