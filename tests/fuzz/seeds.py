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


def text_seeds():
    """Which kind of text, a choice, and the text; of doubles and dates bytes alone."""
    texts = (
        (b"http://h.example/v1", b"HTTPS://[2001:db8::1]:8080/a/b//?c=d&e", b"http://127.0.0.1:65535", b"https://h:0/",
         b"http://user:pass@h/", b"https://h/v1/chat/completions", b"http://h:00080/v1/Responses?x", b"http://[::1",
         b"http://a_b~c.d:65536", b"http://" + b"h" * 254, b"http://[1:2]x", b"http://h?q?r#f"),
        (b'{"a":[1,-0.5e+9,null,true,false,"\\ud83d\\n\xc3\xa9"]}', b'"a":1,"b":{}', b"[" * 128 + b"]" * 128,
         b"[" * 129 + b"]" * 129, b'"a":1},{"b":2', b" 01 ", b"1.", b'"\xff"', b'"\t"', b"[1,]", b'{"a":1,}'),
        (b"0", b"-0", b"0.25", b"1e400", b"-12345678901234567890.5", b"1234567890123456789012.5", b"+1", b".5", b"1.e2"),
        (b"Sun, 06 Nov 1994 08:49:37 GMT", b"Tue, 29 Feb 2000 23:59:60 GMT", b"Sun, 31 Feb 1971 00:00:00 GMT",
         b"Sun, 06 Nov 94 8:4:7 GMT"),
        (b"120", b"0.5", b"4294967", b"4294968", b"00000000000001", b"6m0s", b"1h2m3.5s", b"17ms", b"9999999999d" * 12),
        (), (),
        (b'{"a":"b\\u0041\\ud83d\\ude00"}', b'{"a":{"b":[1,{"b":2}]},"b":3}', b'{"a":[0,-1.50e1,2]}', b'[{"a":1},2]',
         b'{"c":{"a":[1,[2],{"a":3}]}}', b'{"a":1,"a":{"b":2}}', b'{"a":123456789012345678901234567890}'),
    )
    for which, some in enumerate(texts):
        for text in some:
            for choice in (0, 3, 40) if which in (1, 7) else (0,):
                yield bytes([which, choice]) + script(text)
    for double in ("3ff8000000000000", "bfe0000000000000", "41cdcd64ff800000", "3eb0c6f7a0b5ed8d", "7ff8000000000000",
                   "c08f3fffde7210bf", "0000000000000001", "00001cbe991a09f4"):
        yield bytes([5]) + bytes.fromhex(double)
    for day in ("0000000000", "00ffffffff", "3affffffff", "0036ee80ff", "0101010101"):
        for form in range(3):
            yield bytes([6]) + bytes.fromhex(day) + bytes([form, 31, 1, 2, 3, 250, 255])


def api_seeds():
    """Which API, what is asked, buffer, cuts, and the answer. The numbers of the APIs are those of apis.cpp."""
    def events(*some):
        return "".join(f"data: {one}\n\n" for one in some)

    usage = '"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}'
    long = "x" * 700
    item = ('{"id":"m","type":"reasoning","encrypted_content":"abc","content":[{"type":"output_text","text":"Hi",'
            '"note":[1,{"b":2}]}],"phase":"q"}')
    response = "".join(
        f"event: {kind}\ndata: {{\"type\":\"{kind}\",{rest}}}\n\n" for kind, rest in (
            ("response.created", '"response":{"id":"r","model":"m"}'),
            ("response.output_item.added", '"output_index":0,"item":{"id":"m","type":"message"}'),
            ("response.output_text.delta", '"output_index":0,"item_id":"m","content_index":0,"delta":"Hi","logprobs":'
                                           '[{"token":"Hi","logprob":-0.5,"bytes":[72],"top_logprobs":[]}]'),
            ("response.output_item.done", f'"output_index":0,"item":{item}'),
            ("response.completed", f'"response":{{"id":"r","status":"completed","output":[{item}],{usage}}}')))
    thread = "".join(f"event: {kind}\ndata: {data}\n\n" for kind, data in (
        ("thread.run.created", '{"id":"r","object":"thread.run","status":"queued"}'),
        ("thread.message.delta", '{"id":"m","delta":{"content":[{"index":0,"type":"text","text":{"value":"Hi","annotations":'
                                 '[{"type":"file_citation","file_citation":{"file_id":"f"},"start_index":1}]}}]}}'),
        ("thread.run.step.delta", '{"id":"s","delta":{"step_details":{"type":"tool_calls","tool_calls":[{"index":0,"id":'
                                  '"k","type":"function","function":{"name":"f","arguments":"{}"}}]}}}'),
        ("thread.message.completed", '{"id":"m","content":[{"type":"text","text":{"value":"Hi"}}]}'),
        ("thread.run.completed", '{"id":"r","status":"completed",' + usage + "}"), ("done", "[DONE]")))
    answers = (
        (0, response), (1, response), (2, response),
        (3, events('{"id":"c","type":"x"}', '{"delta":{"message":{"role":"assistant","content":{"text":"Hi"}}}}',
                   '{"delta":{"message":{"content":{"thinking":"' + long + '"}}}}',
                   '{"delta":{"finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":1,"output_tokens":2}}}}')),
        (3, events('{"message":"no such model"}')),
        (4, events('{"type":"own.begin","session":{"id":"s"}}', '{"type":"own.word","delta":"Hi"}',
                   '{"type":"own.word","delta":"' + long + '"}', '{"type":"own.end",' + usage + "}")),
        (4, events('{"type":"own.broken","error":{"message":"too much"}}')),
        (5, events('{"id":"c","object":"o","x_groq":{"a":[1]},"choices":[{"index":0,"delta":{"content":"Hi","a":2},'
                   '"stop_reason":"s"}]}', '{"choices":[{"delta":{},"finish_reason":"stop"}],"list":[1,"2"]}', "[DONE]")),
        (6, '{"object":"list","data":[{"id":"gpt","object":"model","created":1},{"id":"other"}]}'),
        (7, events('{"type":"image_generation.partial_image","partial_image_index":0,"b64_json":"' + long + '"}',
                   '{"type":"image_generation.completed","b64_json":"AAAA",' + usage + "}")),
        (7, '{"created":1,"data":[{"b64_json":"' + long + '"},{"b64_json":"AA=="}],' + usage + "}"),
        (8, events('{"type":"speech.audio.delta","audio":"' + long + '"}', '{"type":"speech.audio.done",' + usage + "}")),
        (9, events('{"type":"transcript.text.delta","delta":"Hi"}',
                   '{"type":"transcript.text.segment","id":"s","text":"Hi","speaker":"A","start":0.5,"end":1.5}',
                   '{"type":"transcript.text.done","text":"Hi",' + usage + "}")),
        (9, '{"text":"Hi","segments":[{"id":0,"start":0,"end":1.5,"text":"Hi","speaker":"A"}],' + usage + "}"),
        (10, thread),
        (11, events('{"type":"agent.session.created","session":{"id":"s"}}',
                    '{"type":"agent.session.turn.output_text.delta","item_id":"m","output_index":0,"content_index":0,'
                    '"delta":"Hi"}', '{"type":"agent.session.turn.output_text.done","item_id":"m","text":"Hi there"}',
                    '{"type":"agent.session.idle","session":{"status":"idle",' + usage + "}}")),
    )
    good_head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    for api, answer in answers:
        for flags in (0, 1, 3, 0x1C, 0x18, 0x81):
            text = good_head % len(answer) + answer if flags == 3 else answer
            for place, cut in ((20, 5), (200, 0x87)):
                yield bytes([api, flags, place, cut]) + script(text.encode())


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
    for seed in {"request": request_seeds, "tls": tls_seeds, "recording": recording_seeds,
                 "texts": text_seeds, "apis": api_seeds}.get(target, list)():
        number += 1
        (directory / f"seed{number:04}").write_bytes(seed)
    if target in ("request", "filters", "texts", "apis", "tls", "resume"):
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
        if target == "collector":
            for flags in (6, 2) if api == "responses" else (7, 0x1F):
                number += 1
                (directory / f"seed{number:04}").write_bytes(bytes([flags, number % 251, 5]) + coded)
            continue
        if target == "c_api":
            number += 1
            flags = (2 if http else 0) + (api == "responses")
            (directory / f"seed{number:04}").write_bytes(bytes([flags, number % 251, number % 251]) + coded)
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
