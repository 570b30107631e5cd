#!/usr/bin/env python3
"""The other examples, as their users run them.

programs_test.py SOURCE_ROOT LOCAL_SERVER GAME_LOOP MANY TOOL_CALLS STRUCTURED_OUTPUT ASSISTANT IMAGE_TO_FILE
                 TRANSCRIBE SPEAK APPROVE_TOOLS [ENGINE_HTTP]
"""
import http.client
import http.server
import os
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from support import COMPILING, PATIENCE, Result, Server, Terminal, environment, match

(ROOT, SERVER, GAME_LOOP, MANY, TOOL_CALLS, STRUCTURED_OUTPUT, ASSISTANT, IMAGE_TO_FILE, TRANSCRIBE,
 SPEAK, APPROVE_TOOLS) = sys.argv[1:12]
ENGINE_HTTP = sys.argv[12] if len(sys.argv) > 12 else None
RUN = str(pathlib.Path(ROOT, "examples", "run.sh"))
ANSWER = "Loud and clear: your request arrived in one piece, and this answer is on its way in many.\n"
HALF = "Loud and clear: your request arrived in one piece,\n"


def run(program, server, model="local"):
    return subprocess.run([program, "ping"], env=environment(server, OPENAI_MODEL=model), capture_output=True,
                          text=True, timeout=PATIENCE, check=False)


def game_loop_keeps_its_frames():
    with Server(SERVER) as server:
        began = time.monotonic()
        done = run(GAME_LOOP, server)
        seconds = time.monotonic() - began
    assert done.returncode == 0 and done.stdout.startswith(ANSWER), done
    frames, worst = map(int, re.search(r"\n(\d+) frames; the worst spent (\d+) microseconds", done.stdout).groups())
    assert 20 <= frames <= seconds * 60 + 2, (frames, seconds)
    assert worst < 5000, f"one frame polled for {worst} microseconds"


def game_loop_says_what_failed():
    with Server(SERVER, "--pace", "0") as server:
        done = run(GAME_LOOP, server, "fault:cut")
    assert done.returncode == 1 and done.stdout.startswith(HALF), done
    match("The answer ended before it was finished \\(HTTP 200 from 127.0.0.1:\\d+\\)\\. Try again", done.stderr)


STREAMS = 1000


def answers_one_by_one(server, question):
    """What the server says to each of the questions when it is asked for the whole answer at once."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    for number in range(STREAMS):
        messages = [{"role": "user", "content": question.replace("#", str(number))}]
        connection.request("POST", "/v1/chat/completions", json.dumps({"model": "local", "messages": messages}))
        answer = json.load(connection.getresponse())
        yield f"{number}: {answer['choices'][0]['message']['content']}"
    connection.close()


def many_at_once(frame_us):
    """All at a time on one thread, and each answer is the one that was asked for."""
    question = "my name is Ada#"
    options = ["--frame-us", str(frame_us)] if frame_us else []
    with Server(SERVER, "--pace", "4", "--connections", str(STREAMS + 1)) as server:
        done = subprocess.run([MANY, "--streams", str(STREAMS), "--answers", *options, question], timeout=3 * PATIENCE,
                              env=environment(server), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-500:] + done.stderr
        *answers, summary, at_a_time, rounds, memory = done.stdout.splitlines()
        wrong = [pair for pair in zip(answers, answers_one_by_one(server, question)) if pair[0] != pair[1]]
    assert len(answers) == STREAMS and not wrong, wrong[:3]
    match(f"^{STREAMS} answers, 0 of them incomplete; ", summary)
    match(f"^at most {STREAMS} at a time; ", at_a_time)
    parts = re.fullmatch(r"memory of a stream: (\d+) \(Stream\) \+ (\d+) \(its buffer\) \+ (\d+) \(Socket\) "
                         r"= (\d+) bytes", memory)
    assert parts and sum(map(int, parts.groups()[:3])) == int(parts[4]), memory
    worst = int(re.search(r"the longest took (\d+) microseconds", rounds)[1])
    print(f"{summary}\n{at_a_time}\n{rounds}\n{memory}", flush=True)
    if frame_us:
        assert worst < frame_us + 3000, rounds


def many_says_what_failed():
    with Server(SERVER, "--pace", "0") as server:
        done = subprocess.run([MANY, "--streams", "20", "ping"], env=environment(server, OPENAI_MODEL="fault:cut"),
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1, done
    match("^20 answers, 20 of them incomplete; ", done.stdout)
    match("The answer ended before it was finished \\(HTTP 200 from 127.0.0.1:\\d+\\)\\. Try again", done.stderr)


ENGINE_ROWS = [
    ("local", 0, ANSWER, "^$"),
    ("fault:bytes+crlf+comments", 0, ANSWER, "^$"),
    ("fault:whole", 0, ANSWER, "^$"),
    ("fault:status=429", 1, "\n", "^There were too many requests, or the quota is used up \\(HTTP \\d+ from \\S+\\)\\. It says: .*status 429\\. .*\n$"),
    ("fault:error-midstream", 1, HALF, "^The server reported an error \\(HTTP \\d+ from \\S+\\)\\. It says: .* .*\n$"),
    ("fault:html", 1, "\n", "^The answer is neither an event stream nor JSON \\(HTTP \\d+ from \\S+\\)\\. .*\n$"),
    ("fault:cut-chunk", 1, HALF, "^The .*\n$"),
    ("fault:cut-clean", 1, HALF, "^The answer ended before it was finished \\(HTTP \\d+ from \\S+\\)\\. .*\n$"),
    ("fault:reset", 1, HALF, "^The .*\n$"),
]


def engine_http(model, status, output, complaint):
    with Server(SERVER, "--pace", "100") as server:
        done = run(ENGINE_HTTP, server, model)
    assert (done.returncode, done.stdout) == (status, output), done
    match(complaint, done.stderr)


# Both calls come at once, and their results go back.
TOOLS_RAN = """get_weather({"city":"Brest"}) = Brest: 14 degrees and light rain
get_time({"city":"Bergen"}) = Bergen: twenty past nine
I have asked, and here is what the line said.
- Brest: 14 degrees and light rain
- Bergen: twenty past nine
"""
TOOL_ROWS = [
    ("local", 0, TOOLS_RAN, "^$"),
    ("fault:bytes+crlf+comments+usage+reasoning", 0, TOOLS_RAN, "^$"),
    ("fault:whole", 0, TOOLS_RAN, "^$"),
    ("fault:cut", 1, "\n", "^The answer ended before it was finished \\(HTTP \\d+ from \\S+\\)\\. .*\n$"),
    ("fault:status=500", 1, "\n", "^The server has a problem of its own; try again later \\(HTTP \\d+ from \\S+\\)\\. .*\n$"),
]


def tool_calls(options, model, status, output, complaint):
    with Server(SERVER, "--pace", "0") as server:
        done = subprocess.run([TOOL_CALLS, *options, "the weather and the time"], env=environment(server, OPENAI_MODEL=model),
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (status, output), done
    match(complaint, done.stderr)


# A command runs here, a tool there, each when it was allowed.
def approved(shell, tool, typed=""):
    said = "hello from the shell" if shell else "The user does not want that."
    return (f"It wants to run: echo hello from the shell [y/n] {typed}" + (f"{said}\n" if shell else "") +
            f'It wants to call set_lamp of lamp with {{"lit":true}} [y/n] {typed}'
            "I have asked, and here is what the line said.\n"
            f"- the shell: {said}\n- lamp: {'done' if tool else 'that was not allowed'}\n")


APPROVE_ROWS = [
    (["--yes"], "", "local", 0, approved(True, True, "y\n"), "^$"),
    ([], "y\ny\n", "local", 0, approved(True, True), "^$"),
    ([], "n\nY\n", "local", 0, approved(False, True), "^$"),
    ([], "yes\n\n", "local", 0, approved(True, False), "^$"),
    ([], "", "local", 0, approved(False, False), "^$"),  # nobody is there
    (["--yes"], "", "fault:bytes+crlf+comments+reasoning", 0, approved(True, True, "y\n"), "^$"),
    (["--yes"], "", "fault:whole", 0, approved(True, True, "y\n"), "^$"),
    (["--yes"], "", "fault:status=429", 1, "\n", "^There were too many requests, .*\n$"),
    (["--yes", "ping"], "", "fault:cut", 1, HALF, "^The answer ended before it was finished .*\n$"),
    (["ping"], "", "local", 0, ANSWER, "^$"),
]


def approve_tools(options, typed, model, status, output, complaint):
    with Server(SERVER, "--pace", "0") as server:
        done = subprocess.run([APPROVE_TOOLS, *options], input=typed, env=environment(server, OPENAI_MODEL=model),
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (status, output), done
    match(complaint, done.stderr)


# Items as a server may write them, and some that nobody knows.
ITEMS = [
    r'{ "type" : "reasoning", "id":"rs_\u0031", "summary":[ ], "encrypted_content":"AA\/+ü=="}',
    r'{"type":"mcp_list_tools","id":"mcpl_1","server_label":"lamp","tools":[{"name":"x","input_schema":{"a":1.50}}]}',
    r'{"id":"mcpr_1","type":"mcp_approval_request","server_label":"la\u001bmp","name":"x","arguments":"{\"a\":\"' +
    "b" * 5000 + r'\u202e\"}"}',
    r'{"type":"shell_call","id":"sh_1","call_id":"c\"1","status":"completed","action":{"commands":'
    r'["printf \"ä\\n\" ; printf 2 >&2; exit 3", "read line; echo \"<$line>\"", "\u001b[2Jx", "' + "y" * 5000 +
    r'", 7]}}',
    r'{"type":"a_kind_of_tomorrow","id":"k_1","x":[1e5,null]}',
]
TOLD = [
    {"call_id": 'c"1', "type": "shell_call_output", "output": [
        {"stdout": "ä\n2", "stderr": "", "outcome": {"type": "exit", "exit_code": 3}},
        {"stdout": "<>\n", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}},
        {"stdout": "", "stderr": "The user does not want that.", "outcome": {"type": "exit", "exit_code": 1}},
        {"stdout": "", "stderr": "That is too long, or no command.", "outcome": {"type": "exit", "exit_code": 1}},
        {"stdout": "", "stderr": "That is too long, or no command.", "outcome": {"type": "exit", "exit_code": 1}}]},
    {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True},
]


def approve_tools_gives_items_back():
    """Byte for byte, and what a person has to agree to is shown as it is, and all of it."""
    bodies = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):  # pylint: disable=invalid-name
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            done = [f'{{"type":"response.output_item.done","output_index":{at},"item":{item}}}'
                    for at, item in enumerate(ITEMS if len(bodies) == 1 else [])]
            end = '{"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}'
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write("".join(f"data: {event}\n\n" for event in [*done, end]).encode())

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        url = f"http://127.0.0.1:{server.server_port}/v1"
        done = subprocess.run([APPROVE_TOOLS, "?"], input="y\ny\ny\nn\n" + "not for it\n" * 5000,
                              env=environment(None, OPENAI_BASE_URL=url), capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        server.shutdown()
    assert done.returncode == 0 and not done.stderr and len(bodies) == 2, done
    first, second = map(json.loads, bodies)
    assert (first["store"], first["include"]) == (False, ["reasoning.encrypted_content"]), first
    assert [tool["type"] for tool in first["tools"]] == ["shell", "mcp"] and first["tools"] == second["tools"], first
    assert ",".join(ITEMS) in bodies[1], bodies[1]
    assert second["input"] == first["input"] + [json.loads(item) for item in ITEMS] + TOLD[::-1], second["input"][-2:]
    assert "\x1b" not in done.stdout and r"wants to run: \x1b[2Jx [y/n]" in done.stdout, done.stdout
    assert "b" * 5000 + r'\xe2\x80\xae"} [y/n]' in done.stdout and r"of la\x1bmp with" in done.stdout, done.stdout


# Both tools run, in one conversation of two questions.
ASSISTED = TOOLS_RAN[TOOLS_RAN.index("I have"):]
ASSISTANT_ROWS = [
    ("local", 0, ASSISTED * 2, "^$"),
    ("fault:bytes+crlf+comments+usage+reasoning", 0, ASSISTED * 2, "^$"),
    ("fault:whole", 0, ASSISTED * 2, "^$"),
    ("fault:cut", 1, "", "^The answer ended before it was finished \\(HTTP \\d+ from \\S+\\)\\. .*\n$"),
    ("fault:status=401", 1, "", "^The server does not accept the API key \\(HTTP \\d+ from \\S+\\)\\. .*\n$"),
    ("fault:html", 1, "", "^The answer is neither an event stream nor JSON \\(HTTP \\d+ from \\S+\\)\\. .*\n$"),
    ("fault:error-midstream", 1, "", "^The server reported an error \\(HTTP \\d+ from \\S+\\)\\. .*\n$"),
    ("fault:reset", 1, "", "^The .*\n$"),
]


def assistant(model, status, output, complaint):
    with Server(SERVER, "--pace", "0") as server:
        done = subprocess.run([ASSISTANT, *["the weather and the time"] * 2], env=environment(server, OPENAI_MODEL=model),
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (status, output), done
    match(complaint, done.stderr)


def assistant_says_what_is_missing():
    for variables, complaint in [({"OPENAI_BASE_URL": ""}, "^OPENAI_API_KEY is not set, and OpenAI wants a key"),
                                 ({"OPENAI_BASE_URL": "", "OPENAI_API_KEY": "k"}, "needs TLS: build with"),
                                 ({"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, "^The connection could not be made")]:
        done = subprocess.run([ASSISTANT, "ping"], env=environment(None, **variables), capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        assert (done.returncode, done.stdout) == (1, ""), done
        match(complaint, done.stderr)


SPOKEN = """(glad)
Loud and clear: your request arrived in one piece, and this
answer is on its way in many.
* wave
"""
STRUCTURED_ROWS = [
    ("local", 0, SPOKEN, "^$"),
    ("fault:bytes+crlf+comments+usage+reasoning", 0, SPOKEN, "^$"),
    ("fault:whole", 0, SPOKEN, "^$"),
    # What came before the link broke was acted on.
    ("fault:cut", 1, SPOKEN.split(" piece")[0], "^The answer ended before it was finished \\(HTTP \\d+ from \\S+\\)\\. .*\n$"),
    ("fault:tools", 1, "", "^The answer cannot be acted on: the text ends before its JSON does\\.\n$"),
]


def structured_output(model, status, output, complaint):
    with Server(SERVER, "--pace", "0") as server:
        done = run(STRUCTURED_OUTPUT, server, model)
    assert (done.returncode, done.stdout) == (status, output), done
    match(complaint, done.stderr)


def structured_output_speaks_before_the_end():
    """The emotion and the beginning of the reply are shown while the rest of the JSON has not been sent."""
    with Server(SERVER, "--pace", "2") as server:
        process = subprocess.Popen([STRUCTURED_OUTPUT, "ping"], env=environment(server), stdout=subprocess.PIPE)
        shown = b""
        while not shown.endswith(b"Loud and"):
            shown += process.stdout.read(1)
            assert process.poll() is None, shown
        process.kill()
        process.communicate()
    assert shown == SPOKEN[:len(shown)].encode(), shown


def media(program, *words, folder, **more):
    """A program in a folder of its own, with a server; (status, output, complaint)."""
    with Server(SERVER, "--pace", "0") as server:
        done = subprocess.run([os.path.abspath(program), *words], env=environment(server, **more), capture_output=True, text=True,
                              timeout=PATIENCE, check=False, cwd=folder)
    return done.returncode, done.stdout, done.stderr


def files_of(folder):
    return {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}


def image_to_file_makes_and_changes():
    with tempfile.TemporaryDirectory() as folder:
        assert media(IMAGE_TO_FILE, folder=folder) == (0, "preview 1\npreview 2\n143 bytes\n", "")
        edit = media(IMAGE_TO_FILE, "--edit", "image.png", "more light", "lit.png", folder=folder)
        assert edit == (0, "preview 1\n143 bytes\n", ""), edit
        files = files_of(folder)
    assert sorted(files) == ["image.png", "lit.png"], files
    assert all(content.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in content for content in files.values()), files


MEDIA_CUT = "^The answer ended before it was finished \\(HTTP 200 from \\S+\\)\\. .*\n$"
MEDIA_BUSY = "^There were too many requests, or the quota is used up \\(HTTP 429 from \\S+\\)\\. .*\n$"
MEDIA_ROWS = [
    (IMAGE_TO_FILE, "OPENAI_IMAGE_MODEL", "fault:whole", 0, "143 bytes\n", "^$", ["image.png"]),
    (IMAGE_TO_FILE, "OPENAI_IMAGE_MODEL", "fault:bytes+crlf+comments", 0, "preview 1\npreview 2\n143 bytes\n", "^$",
     ["image.png"]),
    (IMAGE_TO_FILE, "OPENAI_IMAGE_MODEL", "fault:cut", 1, "preview 1\npreview 2\n", MEDIA_CUT, []),
    (IMAGE_TO_FILE, "OPENAI_IMAGE_MODEL", "fault:status=429", 1, "", MEDIA_BUSY, []),
    (SPEAK, "OPENAI_MODEL", "local", 0, "Loud and clear: your request arrived in one piece, and this answer is on its "
     "way in many. [14400 bytes]\n", "^$", ["speech.pcm"]),
    (SPEAK, "OPENAI_MODEL", "fault:cut", 1, "", MEDIA_CUT, ["speech.pcm"]),
    (SPEAK, "OPENAI_SPEECH_MODEL", "fault:status=429", 1, ANSWER[:-1] + " [0 bytes]\n", MEDIA_BUSY, ["speech.pcm"]),
]


def media_says(program, setting, model, status, output, complaint, files):
    with tempfile.TemporaryDirectory() as folder:
        words = ["ping"] if program == SPEAK else []
        done = media(program, *words, folder=folder, **{setting: model})
        assert done[:2] == (status, output) and sorted(files_of(folder)) == files, (done, files_of(folder).keys())
    match(complaint, done[2])


def speak_sends_each_sentence():
    """As soon as it is over: the voice is heard while the answer is still being written."""
    with tempfile.TemporaryDirectory() as folder, Server(SERVER, "--pace", "100") as server:
        process = subprocess.Popen([os.path.abspath(SPEAK), "Why is the sky blue?"], env=environment(server), stdout=subprocess.PIPE,
                                   text=True, cwd=folder)
        first = process.stdout.readline()
        assert re.fullmatch(r"Sunlight .* Rayleigh scattering\. \[28800 bytes\]\n", first), first
        rest = process.communicate()[0]
        size = len(files_of(folder)["speech.pcm"])
    assert process.returncode == 0 and len(rest.splitlines()) == 2, rest
    sizes = [int(number) for number in re.findall(r"\[(\d+) bytes\]", first + rest)]
    assert size == sum(sizes), (size, sizes)


HEARD = 'I have listened to "talk.wav", all 102404 bytes of it, and heard the sea.\n'
TRANSCRIBE_ROWS = [
    ([], "local", 0, HEARD, "^$"),
    ([], "fault:whole", 0, HEARD, "^$"),
    ([], "fault:bytes+crlf+comments", 0, HEARD, "^$"),
    (["--speakers"], "local", 0, HEARD + "    -- A, 0 to 1500 ms\n", "^$"),
    ([], "fault:cut", 1, 'I have listened to "talk.wav", all 102404\n', MEDIA_CUT),
    ([], "fault:status=429", 1, "\n", MEDIA_BUSY),
]


def transcribe(options, model, status, output, complaint):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "talk.wav").write_bytes(b"RIFF" + bytes(range(256)) * 400)
        done = media(TRANSCRIBE, "talk.wav", *options, folder=folder, OPENAI_TRANSCRIPTION_MODEL=model)
    assert done[:2] == (status, output), done
    match(complaint, done[2])


RESPONSE_FORMATS = [
    ("text", {"type": "text"}, str),
    ("json_object", {"type": "json_object"}, {"answer": str}),
    ("json_schema", {"type": "json_schema", "name": "x", "schema": {"type": "object", "properties": {
        "word": {"type": "string"}, "choice": {"enum": ["a", "b"]}, "count": {"type": ["null", "integer"]},
        "is": {"type": "boolean"},
        "list": {"type": "array", "items": {"type": "object", "properties": {"deep": {"type": "number"}}}}}}},
     {"word": str, "choice": str, "count": int, "is": bool, "list": [{"deep": int}]}),
    ("a type that nobody knows", {"type": "yaml"}, "must be text, json_object or json_schema"),
    ("a schema that is no object's", {"type": "json_schema", "schema": {"type": "string"}},
     "must have a schema of type object"),
]


def shape(value):
    if isinstance(value, dict):
        return {key: shape(member) for key, member in value.items()}
    return [shape(element) for element in value] if isinstance(value, list) else type(value)


def local_server_obeys(kind, expected):
    """Both APIs, each in its own words."""
    chat_kind = kind if "schema" not in kind else {"type": kind["type"], "json_schema": kind}
    messages = [{"role": "user", "content": "ping"}]
    requests = [("/v1/chat/completions", {"messages": messages, "response_format": chat_kind}),
                ("/v1/responses", {"input": "ping", "text": {"format": kind}})]
    with Server(SERVER, "--pace", "0") as server:
        for path, body in requests:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
            connection.request("POST", path, json.dumps({"model": "local", **body}))
            answer = json.load(connection.getresponse())
            connection.close()
            if isinstance(expected, str):
                assert expected in answer["error"]["message"], answer
                continue
            text = answer["output"][0]["content"][0] if "output" in answer else answer["choices"][0]["message"]
            text = text["text" if "output" in answer else "content"]
            assert (str if expected is str else shape(json.loads(text))) == expected, text


def run_sh(*words, **more):
    """run.sh without a terminal; it leaves nothing behind."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["sh", RUN, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=COMPILING, check=False, env=environment(None, TMPDIR=folder, **more))
        assert not list(pathlib.Path(folder).iterdir()), "run.sh left something in TMPDIR"
    return done


def run_sh_answers_a_question():
    done = run_sh("are", "you", "there?")
    assert (done.returncode, done.stdout) == (0, ANSWER), done
    match("^Building quick.cpp and local_server with .*\nAsking http://127.0.0.1:.*: are you there", done.stderr)


def run_sh_answers_without_a_terminal():
    with Server(SERVER, "--pace", "0") as server:
        done = run_sh(OPENAI_BASE_URL=server.url)
        assert done.returncode == 0 and done.stdout.startswith("Sunlight carries every color"), done
        match(f"^Building quick.cpp with .*\nAsking {server.url}: Why is the sky blue", done.stderr)


def run_sh_says_what_https_needs():
    with tempfile.TemporaryDirectory() as folder:
        compiler = pathlib.Path(folder, "c++")  # without any header
        compiler.write_text('#!/bin/sh\nexec c++ -nostdinc "$@"\n', encoding="ascii")
        compiler.chmod(0o755)
        done = run_sh("ping", OPENAI_BASE_URL="https://127.0.0.1:1/v1", CXX=str(compiler))
    assert done.returncode == 1, done
    match("^run.sh: https needs mbedTLS, .* libmbedtls-dev .*\n$", done.stderr)


def run_sh_chats_in_a_terminal():
    with Terminal(["sh", RUN]) as terminal:
        terminal.see(r"(?s)Building chat.cpp and local_server with.*local at http://127.0.0.1.*\n>\s*$", COMPILING)
        terminal.type("Why is the sky blue?")
        terminal.see("Sunlight carries every")
        terminal.press("C-c")
        terminal.see(r"-- Cancelled\.\n\n>\s*$")
        terminal.ask("ping", r"many\.\n.*tokens/s")  # the server is still there
        terminal.press("C-d")
        assert terminal.status() == 0


RUN_PY = [sys.executable, str(pathlib.Path(ROOT, "examples", "run.py"))]


def run_py_asks_a_server():
    with Server(SERVER, "--pace", "0") as server:
        done = subprocess.run([*RUN_PY, "ping"], capture_output=True, text=True, timeout=COMPILING, check=False,
                              env=environment(server, OPENAI_MODEL="fault:cut"))
    assert (done.returncode, done.stdout) == (1, HALF), done
    match("^Building quick.cpp with .*\nThe answer ended before it was finished", done.stderr)


def run_py_chats_in_a_terminal():
    with Terminal(RUN_PY) as terminal:
        terminal.see(r"(?s)Building chat.cpp and local_server with.*local at http://127.0.0.1.*\n>\s*$", COMPILING)
        terminal.type("Why is the sky blue?")
        terminal.see("Sunlight carries every")
        terminal.press("C-c")
        terminal.see(r"-- Cancelled\.\n\n>\s*$")
        terminal.ask("ping", r"many\.\n.*tokens/s")
        terminal.press("C-d")
        assert terminal.status() == 0


def run_sh_stops_what_it_started():
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(["sh", RUN, "Why is the sky blue?"], stdin=subprocess.DEVNULL, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(None, TMPDIR=folder))
        url = ""
        while not url.startswith("Asking"):
            url = process.stderr.readline()
            assert url, "run.sh ended early"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)  # the pipes are closed: nobody is left who holds them
        assert process.returncode == 143, process.returncode
        assert not list(pathlib.Path(folder).iterdir()), "run.sh left something in TMPDIR"


def main():
    result = Result()
    result.run("game_loop keeps its frames", game_loop_keeps_its_frames)
    result.run("game_loop says what failed", game_loop_says_what_failed)
    result.run("many, each answer intact", many_at_once, 0)
    result.run("many, in frames", many_at_once, 2000)
    result.run("many says what failed", many_says_what_failed)
    for options in ([], ["--responses"]):
        for row in TOOL_ROWS:
            result.run(f"tool_calls {options}, {row[0]}", tool_calls, options, *row)
    for row in APPROVE_ROWS:
        result.run(f"approve_tools {row[:3]}", approve_tools, *row)
    result.run("approve_tools gives items back", approve_tools_gives_items_back)
    for row in ASSISTANT_ROWS:
        result.run(f"assistant, {row[0]}", assistant, *row)
    result.run("assistant says what is missing", assistant_says_what_is_missing)
    for row in STRUCTURED_ROWS:
        result.run(f"structured_output, {row[0]}", structured_output, *row)
    result.run("structured_output speaks before the end", structured_output_speaks_before_the_end)
    result.run("image_to_file makes and changes", image_to_file_makes_and_changes)
    for row in MEDIA_ROWS:
        result.run(f"{pathlib.Path(row[0]).name}, {row[2]}", media_says, *row)
    result.run("speak sends each sentence", speak_sends_each_sentence)
    for row in TRANSCRIBE_ROWS:
        result.run(f"transcribe {row[0]}, {row[1]}", transcribe, *row)
    for name, kind, expected in RESPONSE_FORMATS:
        result.run(f"local_server obeys response_format: {name}", local_server_obeys, kind, expected)
    if ENGINE_HTTP:
        for row in ENGINE_ROWS:
            result.run("engine_http, " + row[0], engine_http, *row)
    else:
        result.skip("engine_http: libcurl is not there")
    result.run("run.sh answers a question", run_sh_answers_a_question)
    result.run("run.sh answers without a terminal", run_sh_answers_without_a_terminal)
    result.run("run.sh says what https needs", run_sh_says_what_https_needs)
    result.run("run.sh stops what it started", run_sh_stops_what_it_started)
    result.run("run.py asks a server", run_py_asks_a_server)
    if shutil.which("tmux"):
        result.run("run.sh chats in a terminal", run_sh_chats_in_a_terminal)
        result.run("run.py chats in a terminal", run_py_chats_in_a_terminal)
    else:
        result.skip("run.sh and run.py in a terminal: tmux is not there")
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
