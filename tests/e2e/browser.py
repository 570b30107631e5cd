"""Chromium without a window, by chromedriver's own protocol (WebDriver, a W3C Recommendation)."""
import base64
import json
import pathlib
import shutil
import subprocess
import time
import urllib.request

from support import PATIENCE

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # what the standard calls a reference to one


def missing():
    return [name for name in ("chromium", "chromedriver") if not shutil.which(name)]


class Browser:
    """One window of so many pixels; ends with the `with` block."""

    def __init__(self, width, height):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True,
                                       stderr=subprocess.DEVNULL)
        self.session = ""
        for line in self.driver.stdout:
            if "on port " in line and "successfully" in line:
                self.root = "http://127.0.0.1:" + line.rstrip().rstrip(".").rpartition(" ")[2]
                break
        options = {"binary": shutil.which("chromium"), "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--force-device-scale-factor=1", "--no-proxy-server", f"--window-size={width},{height}"]}
        wanted = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options,
                                                   "goog:loggingPrefs": {"browser": "ALL"}}}}
        self.session = "/session/" + self.do("POST", "/session", wanted)["sessionId"]

    def do(self, method, path, body=None):
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.root + self.session + path, data, {"Content-Type": "application/json"},
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=4 * PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()[:500]) from error

    def open(self, url):
        self.do("POST", "/url", {"url": url})

    def _find(self, selector):
        return self.do("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        """As a person does: what is hidden or covered cannot be clicked."""
        self.do("POST", f"/element/{self._find(selector)}/click")

    def type(self, selector, text):
        """In place of what stands there."""
        element = self._find(selector)
        self.do("POST", f"/element/{element}/clear")
        self.do("POST", f"/element/{element}/value", {"text": text})

    def run(self, script, *arguments):
        return self.do("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)", selector)

    def see(self, look, why):
        """What `look` returns, as soon as that is true."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            seen = look()
            if seen:
                return seen
            time.sleep(0.05)
        raise AssertionError(f"waited in vain to see {why}: {self.texts('body')} {self.log()}")

    def log(self):
        """What the page has complained about since the last time."""
        return [entry["message"] for entry in self.do("POST", "/se/log", {"type": "browser"})]

    def save_picture(self, path):
        pathlib.Path(path).write_bytes(base64.b64decode(self.do("GET", "/screenshot")))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            if self.session:
                self.do("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(timeout=PATIENCE)
            self.driver.stdout.close()
