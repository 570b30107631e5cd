"""What the tests of https share: certificates, nginx in front of local_server, and the client they drive."""
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import certificates  # noqa: E402  pylint: disable=wrong-import-position
from nginx import Nginx  # noqa: E402  pylint: disable=wrong-import-position
from support import Server  # noqa: E402  pylint: disable=wrong-import-position
from wire import Wire  # noqa: E402  pylint: disable=wrong-import-position

HOST = certificates.HOST
API_KEY = "sk-nobody-may-hear-this-before-the-certificate-is-verified"
ANSWER = "Loud and clear: your request arrived in one piece, and this answer is on its way in many."
PATIENCE = 300  # seconds for one run of the client, which ends by itself; also under valgrind

# Before the client: valgrind and its words.
WRAPPER = shlex.split(os.environ.get("OPENAI_STREAM_TEST_WRAPPER", ""))


class Rig:
    """Everything that runs; ends with the `with` block."""

    def __init__(self, local_server, client, sites):
        self.client, self.sites = client, sites
        self.local_server = local_server
        self.folder = self.server = self.nginx = self.pki = None

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all of it is stopped also then
        self.folder = tempfile.TemporaryDirectory()
        try:
            self.pki = certificates.make_all(pathlib.Path(self.folder.name, "pki"))
            self.server = Server(self.local_server, "--pace", "0", "--key", API_KEY)
            self.nginx = Nginx(self.sites, self.pki.folder, self.server.port)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.nginx:
            self.nginx.stop()
        if self.server:
            self.server.__exit__()
        self.folder.cleanup()

    def wire(self, site, **how):
        return Wire(self.nginx.address(site), **how)

    def ask(self, port, *words, host=HOST, authority="root", urls=None):
        """What the client says of each request, a list; words are those of client.cpp."""
        urls = urls or [f"https://{host}:{port}/v1"]
        words = [*(f"url={url}" for url in urls), f"api_key={API_KEY}", *words]
        if authority:
            words.append(f"ca={self.pki.path(authority + '.pem')}")
        words = [word.format(pki=self.pki.folder) for word in words]
        done = subprocess.run([*WRAPPER, self.client, *words], capture_output=True, check=False, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, encoding="utf-8")
        assert done.returncode == 0, f"the client ended with {done.returncode}: {done.stderr}{done.stdout}"
        return [json.loads(line) for line in done.stdout.splitlines()]
