#!/usr/bin/env python3
"""The page of examples/web/ in a browser that is clicked: it is built, served, and asks local_server.

web_test.py SOURCE_ROOT LOCAL_SERVER                  tests it
web_test.py SOURCE_ROOT LOCAL_SERVER --picture FILE   makes the picture for README.md
"""
import functools
import gzip
import http.server
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse

from browser import Browser, missing
from support import COMPILING, Result, Server

ROOT, SERVER = pathlib.Path(sys.argv[1]), sys.argv[2]
WEB = ROOT / "examples" / "web"
SKY = "Sunlight carries every color, and the molecules"
SKY_END = "and arrives at my lamp room red."


class Pages:
    """The page with its wasm, built anew, on a port of its own."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        for name in ("index.html", "style.css", "page.js"):
            shutil.copy(WEB / name, self.folder)
        wasm = pathlib.Path(self.folder, "answer.wasm")
        subprocess.run(["sh", WEB / "build.sh", wasm], check=True, stdout=subprocess.DEVNULL, timeout=COMPILING)
        code = wasm.read_bytes()
        print(f"answer.wasm: {len(code)} bytes, {len(gzip.compress(code, 9))} as gzip sends them", flush=True)

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      functools.partial(Handler, directory=self.folder))
        threading.Thread(target=self.server.serve_forever).start()

    def url(self, **given):
        return f"http://127.0.0.1:{self.server.server_port}/?{urllib.parse.urlencode(given)}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Page:
    """A chat with a server, by clicks."""

    def __init__(self, browser, pages, server_url, model="local"):
        self.browser = browser
        browser.open(pages.url(url=server_url, model=model))
        browser.see(lambda: browser.run("return document.body.dataset.ready"), "the page")
        browser.log()

    def ask(self, question):
        self.browser.type("#question", question)
        self.browser.click("#send")

    def answers(self):
        return self.browser.texts(".answer")

    def errors(self):
        return self.browser.texts(".error")

    def is_over(self):
        return self.browser.run("return document.getElementById('stop').hidden")

    def wait(self):
        self.browser.see(self.is_over, "the end of the answer")


def an_answer_streams(browser, pages):
    with Server(SERVER, "--pace", "40") as server:
        page = Page(browser, pages, server.url)
        browser.run("window.steps = 0; new MutationObserver(() => ++window.steps)"
                    ".observe(document.getElementById('talk'), {subtree: true, childList: true})")
        page.ask("Why is the sky blue?")
        page.wait()
        text, = page.answers()
        assert text.startswith(SKY) and text.endswith(SKY_END) and "\u2014" in text, text
        assert browser.run("return window.steps") > 20, "it was not shown piece by piece"
        assert page.errors() == [] and page.browser.texts(".user") == ["Why is the sky blue?"]
        figures, = browser.texts("#figures")
        tokens, rate = re.search(r"(\d+) tokens .*?([\d.]+) tokens/s", figures).groups()
        assert int(tokens) == len(text.split()) and 5 < float(rate) < 60, figures
        assert not browser.log()


def it_remembers(browser, pages):
    with Server(SERVER, "--pace", "0") as server:
        page = Page(browser, pages, server.url)
        page.ask("My name is Ada \U0001F30A \"caf\u00e9\"")
        page.wait()
        page.ask("What is my name?")
        page.wait()
        assert ", Ada" in page.answers()[1], page.answers()


def it_stops(browser, pages):
    """While words come, and while nothing does; then it answers again."""
    with Server(SERVER, "--pace", "10") as server:
        page = Page(browser, pages, server.url)
        page.ask("Why is the sky blue?")
        browser.see(lambda: page.answers()[0].startswith("Sunlight carries"), "the first words")
        browser.click("#stop")
        page.wait()
        assert page.errors() == ["Stopped."] and SKY_END not in page.answers()[0]
        browser.type("#model", "fault:silence")
        page.ask("Are you there?")
        browser.click("#stop")
        page.wait()
        assert page.errors() == ["Stopped.", "Stopped."] and len(page.answers()) == 1
        browser.type("#model", "local")
        page.ask("ping")
        page.wait()
        assert page.answers()[1].endswith("in many."), page.answers()


# What is shown for what the server does, and how the answer begins.
FAULTS = [
    ("fault:cut", "^Sunlight .*",
     r"^The connection broke \(HTTP 200 from http://127\.0\.0\.1:\d+/v1\)\. Network error\."),
    ("fault:cut-clean", "^Sunlight .*",
     r"^The answer ended before it was finished \(HTTP 200 from http://127\.0\.0\.1:\d+/v1\)\."),
    ("fault:error-midstream", "^Sunlight .*", r"^The server reported an error .*It says: .*an error event"),
    ("fault:status=429", None, r"^There were too many requests, .*HTTP 429.*It says: "),
    ("fault:status=401", None, r"^The server does not accept the API key .*HTTP 401"),
    ("fault:html", None, r"^The answer is neither an event stream nor JSON "),
    ("fault:whole+usage", f"^{SKY}.*{SKY_END}$", None),
    ("fault:bytes+crlf+comments", f"^{SKY}.*{SKY_END}$", None),
    ("fault:reasoning", r"^Somebody is at the line\. .*Sunlight carries", None),
]


def a_fault_is_explained(browser, pages, model, answer, problem):
    """At a pace at which the browser has delivered the beginning before the link breaks."""
    with Server(SERVER, "--pace", "100") as server:
        page = Page(browser, pages, server.url, model)
        page.ask("Why is the sky blue?")
        page.wait()
        answers, errors = page.answers(), page.errors()
    assert len(errors) == (problem is not None) and len(answers) == (answer is not None), (answers, errors)
    assert answer is None or re.search(answer, answers[0], re.DOTALL), answers
    assert problem is None or re.search(problem, errors[0], re.DOTALL), errors


def a_server_that_is_not_there(browser, pages):
    page = Page(browser, pages, "http://127.0.0.1:9/v1")
    page.ask("Are you there?")
    page.wait()
    error, = page.errors()
    assert re.search(r"^The connection .*127\.0\.0\.1:9.*Failed to fetch", error), error


def make_picture(browser, pages, path):
    with Server(SERVER) as server:
        page = Page(browser, pages, server.url, "fault:error-midstream")
        page.ask("Is it stormy out there?")
        page.wait()
        browser.type("#model", "local")
        page.ask("Why is the sky blue?")
        browser.see(lambda: "scarcer in" in page.answers()[-1], "most of an answer")
        browser.save_picture(path)
    print(f"{path}: {pathlib.Path(path).stat().st_size} bytes")


def main():
    result = Result()
    lacks = missing()
    if lacks:
        result.skip("the page in a browser: missing: " + ", ".join(lacks))
        return result.close()
    with Pages() as pages, Browser(960, 860) as browser:
        if sys.argv[3:4] == ["--picture"]:
            make_picture(browser, pages, sys.argv[4])
            return 0
        result.run("an answer streams", an_answer_streams, browser, pages)
        result.run("it remembers", it_remembers, browser, pages)
        result.run("it stops", it_stops, browser, pages)
        for row in FAULTS:
            result.run(f"{row[0]} is explained", a_fault_is_explained, browser, pages, *row)
        result.run("a server that is not there", a_server_that_is_not_there, browser, pages)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
