#!/usr/bin/env python3
"""Generates the corpus of the instruction count: a streamed chat answer as a server sends it.

    corpus.py STYLE EVENTS FILE     writes the response, prints the hash of all its text

Each event (its "data: " and the blank line counted) has 330 +- 30 bytes and one HTTP chunk of its own, like those of
api.openai.com. At least a fifth of them has escapes in its text. The same arguments give the same bytes everywhere. The
hash is made of the tokens before they are put into JSON, so that it does not depend on any parser.

STYLE   openai: the keys in OpenAI's order.  llama: choices first, as llama.cpp writes them.  varied: OpenAI's order, and
        two values before the text are others in every event.
"""
import sys

EVENT_BYTES = (300, 360)
SEED = 20240806

WORDS = ("the of and to in is that it was for on are with as his they at be this from have or by one had not but what "
         "all were when we there can an your which their said if do will each about how up out them then she many some "
         "so these would other into has more her two like him see time could no make than first been its who now people "
         "my made over did down only way find use may water long little very after words called just where most know "
         "temperature scattering wavelength atmosphere photosynthesis approximately characteristic understanding").split()
ESCAPED = ("\n", "\n\n", "\"", "\".", " \"", "\\n", "\n- ", ":\n\n", "\t", "```\n", "/\"", "\r\n", "\u2019s",
           " \u2014", "caf\u00e9", " \u4f60\u597d", "\U0001F600", " \U0001F30D!", "\b\f", "\u00fcber")


class Random:
    """The same numbers in every version of every language (Knuth's MMIX generator)."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit

    def pick(self, items):
        return items[self.below(len(items))]


def quote(text, escape_all):
    """A JSON string. escape_all: what is not ASCII as \\uXXXX, in surrogate pairs above the basic plane."""
    written = {"\n": "\\n", "\"": "\\\"", "\\": "\\\\", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}
    out = []
    for character in text:
        if character in written:
            out.append(written[character])
        elif ord(character) >= 0x80 and escape_all:
            units = character.encode("utf-16-be")
            out += [f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)]
        else:
            out.append(character)
    return "\"" + "".join(out) + "\""


def tokens(random, count):
    """(text, as JSON)"""
    for index in range(count):
        kind = random.below(100)
        if kind < 24:     # escapes, but for the raw UTF-8 below
            text = random.pick(ESCAPED)
            yield text, quote(text, random.below(4) != 0)
        elif kind < 27:   # raw UTF-8, no escape
            text = random.pick([one for one in ESCAPED if one.isprintable() and not one.isascii()])
            yield text, quote(text, False)
        else:
            text = (" " if index else "") + random.pick(WORDS) + (random.pick([",", ".", ""]) if kind > 85 else "")
            yield text, quote(text, False)


def openai(random, choices, usage, created=1754693440):
    padding = "".join(random.pick("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
                      for _ in range(1 + random.below(11)))
    return (f'{{"id":"chatcmpl-C2QD2NQfRbWW5ww5we2oDjS1mgHtK","object":"chat.completion.chunk","created":{created},'
            '"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_07871e2ad8",'
            f'"choices":{choices},"usage":{usage},"obfuscation":"{padding}"}}')


def varied(random, choices, usage):
    return openai(random, choices, usage, 1754693440 + random.below(1000)).replace("C2QD", f"{random.below(10000):04}")


def llama(random, choices, usage):
    del random
    last = f',"usage":{usage}' if usage != "null" else ""
    return (f'{{"choices":{choices},"created":1754693440,"id":"chatcmpl-Jq2sFcH0yGkXhVd4wXv2iTNwq1bT5lPz",'
            '"model":"unsloth/Llama-3.3-70B-Instruct-GGUF/Llama-3.3-70B-Instruct-UD-Q4_K_XL-00001-of-00002.gguf",'
            f'"system_fingerprint":"b6123-79c1160b","object":"chat.completion.chunk"{last}}}')


def choice(style, delta, finish="null"):
    if style == "llama":
        return f'[{{"finish_reason":{finish},"index":0,"delta":{delta}}}]'
    return f'[{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{finish}}}]'


def answer(style, count):
    """(wire bytes, text, sizes of the events, how many of them have escapes)"""
    random = Random(SEED)
    build = {"openai": openai, "llama": llama, "varied": varied}[style]
    head = ("HTTP/1.1 200 OK\r\nDate: Fri, 08 Aug 2025 22:50:40 GMT\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
            "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\naccess-control-expose-headers: X-Request-ID\r\n"
            "openai-organization: user-grnwlxd1653lxdzp921aoihz\r\nopenai-processing-ms: 407\r\n"
            "openai-project: proj_FYsIItHHgnSPdHBVMhhNBWHa\r\nopenai-version: 2020-10-01\r\n"
            "x-envoy-upstream-service-time: 413\r\nx-ratelimit-limit-requests: 15000\r\n"
            "x-ratelimit-limit-tokens: 30000000\r\nx-ratelimit-remaining-requests: 14999\r\n"
            "x-ratelimit-remaining-tokens: 29999987\r\nx-ratelimit-reset-requests: 4ms\r\nx-ratelimit-reset-tokens: 0s\r\n"
            "x-request-id: req_8f1c1d0b5e7f4cb9a5c1e1a5b7d0c6d2\r\ncf-cache-status: DYNAMIC\r\n"
            "Set-Cookie: __cf_bm=Qk0aVqWZ1mNnB3yW8sVqg2oKZ0w1r9yC7uT5xE3d4fM-1754693440-1.0.1.1-9sQ; path=/; "
            "expires=Fri, 08-Aug-25 23:20:40 GMT; domain=.api.openai.com; HttpOnly; Secure; SameSite=None\r\n"
            "X-Content-Type-Options: nosniff\r\nServer: cloudflare\r\nCF-RAY: 96c2f0d1ae5b4f2a-FRA\r\n"
            "alt-svc: h3=\":443\"; ma=86400\r\n\r\n")
    role = '{"role":"assistant","content":"","refusal":null}'
    if style == "llama":
        role = '{"role":"assistant","content":null}'
    bodies = [build(random, choice(style, role), "null")]
    text, escaped = [], 0
    for token, quoted in tokens(random, count - 3):
        text.append(token)
        escaped += "\\" in quoted
        bodies.append(build(random, choice(style, f'{{"content":{quoted}}}'), "null"))
    bodies.append(build(random, choice(style, "{}", '"stop"'), "null"))
    bodies.append(build(random, "[]", f'{{"prompt_tokens":19,"completion_tokens":{count},"total_tokens":{count + 19}}}'))
    events = [f"data: {body}\n\n".encode() for body in bodies]
    wire = [head.encode()]
    wire += [b"%x\r\n%s\r\n" % (len(event), event) for event in [*events, b"data: [DONE]\n\n"]]
    wire.append(b"0\r\n\r\n")
    return b"".join(wire), "".join(text).encode(), [len(event) for event in events], escaped


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def generate(style, count, path):
    """Writes the corpus; returns (events, bytes of text, hash of it)."""
    wire, text, sizes, escaped = answer(style, count)
    mean = sum(sizes) / len(sizes)
    low, high = EVENT_BYTES
    text_sizes = sizes[1:-2]
    if not (low <= min(text_sizes) and max(text_sizes) <= high and abs(mean - 330) <= 10 and escaped * 5 >= len(sizes)):
        raise ValueError(f"{style}: {min(text_sizes)} to {max(text_sizes)} bytes, mean {mean:.1f}, {escaped} with escapes")
    path.write_bytes(wire)
    return len(sizes), len(text), fnv1a(text)


if __name__ == "__main__":
    import pathlib
    print("{} events, {} bytes of text, hash {:016x}".format(*generate(sys.argv[1], int(sys.argv[2]),
                                                                        pathlib.Path(sys.argv[3]))))
