#!/usr/bin/env python3
"""Flash and memory on a Cortex-M3: what the library adds to an image that uses it.

    flash.py              the figures; with qemu-system-arm the image also runs
    flash.py --symbols    and the 25 largest symbols
    flash.py --profile    and flash by source file and by function, inlined ones told apart
"""
import collections
import contextlib
import json
import re
import shutil
import socket
import subprocess
import sys
import threading

import limits
import support
from inlined import inlined
from support import run

COMMON = ["-std=c++17", "-Os", "-g", "-fno-exceptions", "-fno-rtti", "-ffunction-sections", "-fdata-sections",
          "-fno-threadsafe-statics", "-Wall", "-Wextra", "-Werror"]
SOURCES = support.HERE / "flash"
DIRECTORY = support.build_directory("flash")


class Target:
    """A machine that images are made for: what compiles and links them, and its start-up code."""

    def __init__(self, name, compiler, prefix, machine, link, board="board.cpp"):
        self.name, self.compiler, self.prefix, self.board = name, compiler, prefix, SOURCES / board
        self.flags = [*machine, *COMMON]
        self.link = ["-nostartfiles", "-Wl,--gc-sections", *link]
        self.start = None

    def started(self):
        """The object of its start-up code."""
        if self.start is None:
            self.start = DIRECTORY / f"board-{self.name}.o"
            run(self.compiler, *self.flags, "-c", self.board, "-o", self.start)
        return self.start


ARM = ("arm-none-eabi-g++", "arm-none-eabi-")
M3 = Target("m3", *ARM, ["-mcpu=cortex-m3", "-mthumb"], ["--specs=nano.specs", "-T", SOURCES / "m3.ld"])


class Image:
    """A program for the board, linked."""

    def __init__(self, name, source, *macros, target=M3):
        self.target, place = target, DIRECTORY / f"{name}-{target.name}"
        self.objects = [place.with_suffix(".o"), target.started()]
        self.elf = place.with_suffix(".elf")
        run(target.compiler, *target.flags, *support.header_args(support.header()), *(f"-D{macro}" for macro in macros),
            "-c", SOURCES / source, "-o", self.objects[0])
        run(target.compiler, *target.flags, *target.link, *self.objects, "-o", self.elf)

    def bytes(self):
        """What is in the flash: code, constants, initial values."""
        sizes = dict(re.findall(r"^(\.[\w.]+)\s+(\d+)", run(self.target.prefix + "size", "-A", self.elf), re.MULTILINE))
        return sum(int(sizes.get(name, 0)) for name in
                   (".text", ".rodata", ".ARM.extab", ".ARM.exidx", ".init_array", ".data"))

    def symbols(self):
        """(size, name), the largest first."""
        lines = run(self.target.prefix + "nm", "-C", "-S", "--size-sort", "-r", "--radix=d", self.elf).splitlines()
        return [(int(words[1]), words[3]) for words in (line.split(" ", 3) for line in lines)
                if words[2] not in "bB"]

    def undefined(self):
        """What it needs of a C library: all that is missing when only libgcc is linked."""
        command = [self.target.compiler, *self.target.flags, *self.target.link, "-nodefaultlibs", *self.objects, "-lgcc"]
        done = subprocess.run([*map(str, command), "-o", DIRECTORY / "nothing.elf"], capture_output=True, text=True,
                              check=False)
        return set(re.findall(r"undefined reference to `([^']+)'", done.stderr))

    def forbidden(self):
        """What must not be in it."""
        return sorted(set(re.findall(rf"\b\S*(?:{limits.FORBIDDEN_SYMBOLS})\S*",
                                     run(self.target.prefix + "nm", "-C", self.elf))))

    def by_source(self):
        """Flash of the code by file and by function, each instruction where it was written."""
        code = re.findall(r"^\s*([0-9a-f]+):\t((?:[0-9a-f]{4} ?)+)\s*\t", run(self.target.prefix + "objdump", "-d", self.elf),
                          re.MULTILINE)
        sizes = {int(address, 16): len(words.replace(" ", "")) // 2 for address, words in code}
        found = inlined(self.elf, sizes, self.target.prefix)
        files, functions = collections.Counter(), collections.Counter()
        for address, size in sizes.items():
            function, file = found[address]
            files[file] += size
            functions[f"{function}  [{file}]"] += size
        return files, functions


# ---- running it -------------------------------------------------------------------------------------------------------

def chunked(*events):
    return b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in events) + b"0\r\n\r\n"


def chat_event(delta, finish=None):
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "local",
            "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}
    return b"data: " + json.dumps(data).encode() + b"\n\n"


HEAD = b"HTTP/1.1 %s\r\nContent-Type: %s\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nTransfer-Encoding: chunked\r\n\r\n"
LONG = "".join(f"line {index} \u00fc\n" for index in range(500))  # 8 KB as JSON: four times the buffer

SCRIPTS = [
    ("an answer", HEAD % (b"200 OK", b"text/event-stream") + chunked(
        chat_event({"role": "assistant", "content": ""}), b": keep-alive\n\n", chat_event({"content": "Hello w\u00f6rld "}),
        chat_event({"content": "\"q\" \U0001F600\n"}), chat_event({}, "stop"), b"data: [DONE]\n\n"),
     "Hello w\u00f6rld \"q\" \U0001F600\n\nfinish=1\nverdict=1\n", 0),
    ("an answer in one event of four times the buffer", HEAD % (b"200 OK", b"text/event-stream") + chunked(
        chat_event({"role": "assistant", "content": LONG}, "length"), b"data: [DONE]\n\n"),
     LONG + "\nfinish=2\nverdict=1\n", 0),
    ("a refusal", HEAD % (b"429 Too Many Requests", b"application/json") + chunked(
        b'{"error":{"message":"Slow down, \\"please\\".","type":"requests","code":null}}'),
     "verdict=7\nerror=%d\nhttp_status=429\nSlow down, \"please\".\n", 1),
]
BODY = {"model": "local", "messages": [{"role": "system", "content": "You are a thermostat."},
                                       {"role": "user", "content": "Say \"hello\".\nIt is 21 \u00b0C."}],
        "stream": True, "temperature": 0.2, "max_tokens": 64}


def serve(listener, answer, requests):
    """Takes one request, answers it, and stays until the other end has gone."""
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(30)
        received = b""
        while True:
            head, found, body = received.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            if found and length and len(body) >= int(length.group(1)):
                break
            more = connection.recv(4096)
            if not more:
                return
            received += more
        requests.append((head, body))
        connection.sendall(answer)
        with contextlib.suppress(ConnectionResetError):  # the emulator ends without a farewell
            while connection.recv(4096):
                pass


def emulate(image, answer):
    """(status, console, head, body) of the image in an emulated board whose UART is connected to a scripted server."""
    requests = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        thread = threading.Thread(target=serve, args=(listener, answer, requests), daemon=True)
        thread.start()
        done = subprocess.run(
            ["qemu-system-arm", "-M", "lm3s6965evb", "-nographic", "-monitor", "none", "-semihosting-config",
             "enable=on,target=native", "-serial", f"tcp:127.0.0.1:{listener.getsockname()[1]}", "-serial", "stdio",
             "-kernel", str(image.elf)], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        thread.join(5)
    head, body = requests[0] if requests else (b"", b"")
    return done.returncode, done.stdout.decode("utf-8", "replace"), head, body


def measure_running(table, image):
    if not shutil.which("qemu-system-arm"):
        table.heading("qemu-system-arm is not there: the image was not run")
        return
    deepest = 0
    for name, answer, expected, status in SCRIPTS:
        try:
            result = emulate(image, answer)
        except subprocess.TimeoutExpired:
            table.check(f"in an emulated board: {name}", False, "time out")
            continue
        stack = re.search(r"stack=(\d+)\n\Z", result[1])
        deepest = max(deepest, int(stack.group(1)) if stack else 0)
        wanted = re.escape(expected).replace("%d", r"\d+") + r"stack=\d+\n"
        try:
            good = result[0] == status and bool(re.fullmatch(wanted, result[1])) and json.loads(result[3]) == BODY \
                and result[2].startswith(b"POST /v1/chat/completions HTTP/1.1\r\nHost: chat.local:8080\r\n")
        except ValueError:
            good = False
        table.check(f"in an emulated board: {name}", good, "" if good else repr(result))
    table.row("stack used, Stream in it included", deepest)


# ---- the figures ------------------------------------------------------------------------------------------------------

def type_sizes(compiler, prefix, flags, name):
    """{type: bytes}, read from an object file."""
    object_file = DIRECTORY / f"sizes-{name}.o"
    run(compiler, *flags, *support.header_args(support.header()), "-c", SOURCES / "sizes.cpp", "-o", object_file)
    found = re.findall(r"^\S+ (\S+) \S size_of_(\w+)$", run(prefix + "nm", "-S", object_file), re.MULTILINE)
    return {name.replace("__", "::"): int(size, 16) for size, name in found}


def print_top(title, counter, count=25):
    print(f"\n  {title}")
    for name, size in counter.most_common(count):
        print(f"    {size:>7,}  {name}")


# What a client may do besides, and what of the library may be used alone.
VARIANTS = [
    ("chat client with describe(), net", "chat.cpp", "CLIENT_DESCRIBE"),
    ("chat client with a URL read at run time, net", "chat.cpp", "CLIENT_RUN_TIME_URL"),
    ("chat client with ExtraEvents, net", "chat.cpp", "CLIENT_EXTRAS"),
    ("chat client with a FieldStream, net", "chat.cpp", "CLIENT_FIELDS"),
    ("chat client of raw events, net", "chat.cpp", "CLIENT_RAW"),
    ("chat client with a Collector, net", "chat.cpp", "CLIENT_COLLECTOR"),
    ("    the same that asks again with what was collected, net", "chat.cpp", "CLIENT_COLLECTOR CLIENT_TOOL_LOOP"),
    ("responses client, net", "chat.cpp", "CLIENT_RESPONSES"),
    ("http::ResponseParser alone, net", "pieces.cpp", "PIECE_HTTP"),
    ("sse::EventAssembler alone, net", "pieces.cpp", "PIECE_SSE"),
    ("json::PathReader alone, net", "pieces.cpp", "PIECE_JSON"),
    ("dialect::DocumentReader alone, with json, net", "pieces.cpp", "PIECE_DIALECT"),
    ("FieldStream alone, with json, net", "pieces.cpp", "PIECE_FIELDS"),
    ("json_find() alone, with json, net", "pieces.cpp", "PIECE_FIND"),
    ("ThinkSplitter alone, net", "pieces.cpp", "PIECE_THINK"),
    ("Utf8Hold alone, net", "pieces.cpp", "PIECE_HOLD"),
    ("Typewriter alone, net", "pieces.cpp", "PIECE_TYPEWRITER"),
    ("WordWrap alone, net", "pieces.cpp", "PIECE_WRAP"),
    ("SentenceCutter alone, net", "pieces.cpp", "PIECE_SENTENCES"),
    ("RequestWriter alone, with json, net", "pieces.cpp", "PIECE_REQUEST"),
    ("    the same with ChatOptions, net", "pieces.cpp", "PIECE_OPTIONS"),
    ("    the same with content parts, net", "pieces.cpp", "PIECE_PARTS"),
    ("    the same with a part from a Source, net", "pieces.cpp", "PIECE_PARTS PIECE_SOURCE"),
    ("    the same with tools, net", "pieces.cpp", "PIECE_TOOLS"),
    ("    the same of a ResponseRequest, net", "pieces.cpp", "PIECE_RESPONSE_REQUEST"),
    ("    the same of a form with a file, net", "pieces.cpp", "PIECE_FORM"),
    ("    the same of a RetrieveRequest, net", "pieces.cpp", "PIECE_RETRIEVE_REQUEST"),
]


# What only one of the two APIs needs of the library.
OF_CHAT = "chat_contexts|chat_\\w*rows|ChatRules|ChatRequest"
OF_RESPONSES = "dialect::(responses|response_|text_roles|Response[A-Z])|openai_stream::\\w+::ResponseRequest"


def measure_apis(table, chat, responses):
    """What a program does not name it does not link."""
    for client, name, other, pattern, own in [(chat, "chat", "Responses", OF_RESPONSES, OF_CHAT),
                                              (responses, "responses", "Chat Completions", OF_CHAT, OF_RESPONSES)]:
        symbols = [symbol for _, symbol in client.symbols()]
        found = [symbol for symbol in symbols if re.search(pattern, symbol)]
        table.check(f"the {name} client links nothing of {other}", not found, " ".join(found))
        table.check(f"    and of its own API what is looked for", any(re.search(own, symbol) for symbol in symbols))
        extras = [symbol for symbol in symbols if re.search("Extra|_extra|ItemReader|FieldRows", symbol)]
        table.check(f"    and nothing of what it did not ask for", not extras, " ".join(extras))


def measure(table, options):
    baseline = Image("baseline", "chat.cpp", "CLIENT_NONE")
    client = Image("chat", "chat.cpp")
    net = client.bytes() - baseline.bytes()
    table.row("chat client, whole image", client.bytes())
    table.row("the same without the library (baseline)", baseline.bytes())
    table.row("chat client, net", net, limits.FLASH_BYTES)
    for name, size in limits.FLASH_OF_OTHERS.items():
        table.row(f"    compared with {name}", net / size, note=f"of {size:,}")

    images = [client]
    for name, source, macros in VARIANTS:
        images.append(Image(macros.split()[-1].lower(), source, *macros.split()))
        limit = limits.FLASH_OF_RESPONSES if macros == "CLIENT_RESPONSES" else None
        table.row(name, images[-1].bytes() - baseline.bytes(), limit)
        if macros == "CLIENT_RESPONSES":
            measure_apis(table, client, images[-1])
    for what, pattern in [("the Collector", "collected::|Collector"),
                          ("interceptors", "RetryPolicy|ResumePolicy|ResponseInfo|Backoff|Timeouts"),
                          ("the filters of text",
                           r"\btext::|FieldStream|json_find|ThinkSplitter|Utf8Hold|Typewriter|WordWrap|Sentence"),
                          ("Azure", "Azure"),
                          ("sources and forms", r"sources::|Source\b|form::|put_content_type|form_head|BodyPiece"),
                          ("what the compiler has checked of an Endpoint", r"http::examine|Endpoint::")]:
        unnamed = [name for _, name in client.symbols() if re.search(pattern, name)]
        table.check(f"the chat client links nothing of {what}", not unnamed, " ".join(unnamed))
    needed = {symbol for image in images for symbol in image.undefined() - limits.ALLOWED_SYMBOLS}
    table.check("all of them need only " + " ".join(sorted(limits.ALLOWED_SYMBOLS)), not needed, " ".join(sorted(needed)))
    forbidden = {symbol for image in images for symbol in image.forbidden()}
    table.check("in none of them is a heap or an exception", not forbidden, " ".join(sorted(forbidden)))
    measure_running(table, client)

    small = type_sizes(M3.compiler, M3.prefix, M3.flags, "m3")
    large = type_sizes("g++", "", ["-std=c++17", "-O2"], "native")
    print(f"\n  {'sizeof':<58} {'Cortex-M3':>10} {'x86-64':>10}")
    for name, size in small.items():
        print(f"  {name:<58} {size:>10} {large[name]:>10}")

    if options & {"--symbols", "--profile"}:
        print("\n  the largest symbols of the chat client")
        for size, name in client.symbols()[:25]:
            print(f"    {size:>7,}  {name}")
    if "--profile" in options:
        files, functions = client.by_source()
        print_top("code by file", files, 40)
        print_top("code by function", functions, 50)


if __name__ == "__main__":
    sys.exit(support.main(measure, f"flash on Cortex-M3, bytes ({support.header().name})"))
