"""What the end-to-end tests share: a server, a terminal, and counting."""
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

# Seconds, at least ten times what an idle machine takes: for something that takes a moment, for what compiles first.
PATIENCE = 60
COMPILING = 600


def environment(server, **more):
    """That of a client of the server: ours without what users set, and some more."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_") and name != "NO_COLOR"}
    return {**ours, "OPENAI_BASE_URL": server.url if server else "", **more}


class Server:
    """local_server on a free port; ends with the `with` block, or by kill()."""

    def __init__(self, program, *options):
        self.process = subprocess.Popen([program, "--port", "0", *options], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        self.root = self.url[: -len("/v1")]
        self.port = int(re.search(r":(\d+)/", self.url)[1])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """One that has not been killed must end in order."""
        status = self.process.poll()
        if status is None:
            self.process.send_signal(signal.SIGTERM)
            status = self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()
        assert status in (0, -signal.SIGKILL), f"local_server ended with {status}"


class Recorder:
    """A server that keeps what it was asked (a list of JSON values) and always gives the same answer, or status."""

    def __init__(self, text, status=200, pieces=()):
        self.requests = []
        deltas = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
        deltas += [{"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": "stop"}]}]
        answer = "".join(f"data: {json.dumps(delta)}\n\n" for delta in deltas).encode() + b"data: [DONE]\n\n"

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(handler):  # pylint: disable=no-self-argument,invalid-name
                self.requests.append(json.loads(handler.rfile.read(int(handler.headers["Content-Length"]))))
                handler.send_response(status)
                handler.end_headers()
                handler.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Terminal:
    """A program in a terminal of fixed size, by tmux. What is seen is what a person sees."""

    def __init__(self, command, columns=80, lines=120, **variables):
        self.folder = tempfile.mkdtemp()
        variables = {**variables, "TERM": "screen"}
        words = ["env", *(f"{name}={value}" for name, value in variables.items())]
        # tmux 3.3 does not always notice how a program ended; a shell does.
        words += ["sh", "-c", "trap : INT; \"$@\"; echo \"[status $?]\"; exec sleep 1000", "sh", *command]
        self.tmux("new-session", "-d", "-x", columns, "-y", lines, *words)

    def tmux(self, *words):
        command = ["tmux", "-u", "-f", "/dev/null", "-S", pathlib.Path(self.folder, "socket"), *words]
        environ = environment(None)
        del environ["OPENAI_BASE_URL"]
        environ.pop("TMUX", None)
        return subprocess.run([str(word) for word in command], env=environ, check=True, stdout=subprocess.PIPE,
                              timeout=PATIENCE).stdout.decode()

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, line):
        self.tmux("send-keys", "-l", line)
        self.press("Enter")

    def screen(self, *options):
        return self.tmux("capture-pane", "-p", *options).rstrip("\n")

    def see(self, pattern, patience=PATIENCE):
        """The screen, as soon as something on it matches."""
        return self._wait(lambda: re.search(pattern, self.screen()) and self.screen(), f"/{pattern}/ to be seen",
                          patience)

    def ask(self, line, pattern):
        """Types a line; the screen below it, as soon as that matches and ends with a new prompt."""
        prompt = "> " + line
        before = self.screen().count(prompt)
        self.type(line)

        def answer():
            screen = self.screen()
            below = screen.rpartition(prompt)[2]
            is_new = screen.count(prompt) > before
            return is_new and re.search(pattern, below) and re.search(r"\n>\s*$", below) and below

        return self._wait(answer, f"/{pattern}/ and a prompt below '{line}'")

    def status(self):
        """The exit status, once the program has ended."""
        return int(re.search(r"\[status (\d+)\]", self.see(r"\[status \d+\]"))[1])

    def _wait(self, look, wanted, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            seen = look()
            if seen:
                return seen
            time.sleep(0.05)
        raise AssertionError(f"waited for {wanted} in vain:\n{self.screen()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")
        shutil.rmtree(self.folder, ignore_errors=True)


class Result:
    """Runs tests, which are functions that raise when something is wrong, and counts them."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def run(self, name, test, *arguments):
        try:
            test(*arguments)
            self.passed += 1
        except Exception as error:  # pylint: disable=broad-except
            self.failed += 1
            print(f"FAILED: {name}: {type(error).__name__}: {error}", flush=True)

    def skip(self, why):
        self.skipped += 1
        print(f"SKIPPED: {why}", flush=True)

    def close(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}")
        return 1 if self.failed else 0


def match(pattern, text):
    assert re.search(pattern, text, re.DOTALL), f"/{pattern}/ is not in: {text!r}"
