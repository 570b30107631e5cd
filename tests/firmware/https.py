"""examples/firmware/mbedtls: https over the UART of an emulated Cortex-M3, against a server that has TLS before it."""
import contextlib
import os
import pathlib
import re
import socket
import ssl
import subprocess
import threading

from boards import BUILD, M3, PATIENCE, ROOT, Run, library, as_documented

# The sources of mbedTLS 3.6; run.sh fetches them.
MBEDTLS = pathlib.Path(os.environ.get("MBEDTLS_SOURCE", "/nowhere"))
FOLDER = ROOT / "examples/firmware/mbedtls"
CONFIGURED = [f"-I{FOLDER}", "-DMBEDTLS_CONFIG_FILE=<config.h>", "-isystem", str(MBEDTLS / "include")]
NOT_NEEDED = re.compile(r"psa|net_sockets|timing|threading")


def missing():
    if M3.missing():
        return f"{', '.join(M3.missing())} is not there"
    return "" if (MBEDTLS / "library/ssl_tls.c").exists() else "the sources of mbedTLS 3.6 are not there (MBEDTLS_SOURCE)"


def mbedtls():
    sources = [path for path in (MBEDTLS / "library").glob("*.c") if not NOT_NEEDED.search(path.name)]
    return library("mbedtls", sources, [*CONFIGURED, f"-I{MBEDTLS}/library", "-include", "stdio.h"],
                   (FOLDER / "config.h").read_text())


def certificates(name, alternative="DNS:chat.local"):
    """(the CA's in DER, the server's chain, its key), made with openssl."""
    folder = BUILD / f"certificates-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    script = f"""
        openssl ecparam -name prime256v1 -genkey -noout -out ca.key
        openssl req -x509 -new -key ca.key -days 30 -subj '/CN=test CA' -addext basicConstraints=critical,CA:TRUE -out ca.pem
        openssl x509 -in ca.pem -outform der -out ca.der
        openssl ecparam -name prime256v1 -genkey -noout -out server.key
        echo subjectAltName={alternative} >names
        openssl req -new -key server.key -subj /CN=x |
            openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile names -out server.pem
    """
    subprocess.run(["sh", "-ec", script], cwd=folder, check=True, capture_output=True)
    return folder / "ca.der", folder / "server.pem", folder / "server.key"


class TlsBefore:
    """Takes TLS from whoever connects, and gives the bytes within to a port of this machine."""

    def __init__(self, chain, key, port, version=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if version:
            self.context.minimum_version = self.context.maximum_version = ssl.TLSVersion[version]
        self.context.load_cert_chain(chain, key)
        self.to, self.carried = port, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                link, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(link,), daemon=True).start()

    def serve(self, link):
        with contextlib.suppress(OSError):
            link.settimeout(PATIENCE)
            client = self.context.wrap_socket(link, server_side=True)
            server = socket.create_connection(("127.0.0.1", self.to))
            back = threading.Thread(target=self.pump, args=(server, client), daemon=True)
            back.start()
            self.pump(client, server)

    def pump(self, source, sink):
        with contextlib.suppress(OSError):
            while piece := source.recv(4096):
                self.carried += len(piece)
                sink.sendall(piece)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def build(authority):
    source = [FOLDER / "https.cpp", mbedtls()]
    return M3.build("https", *CONFIGURED, f'-DFIRMWARE_CA="{authority}"', program=source)


def asks_by_https(server, answer):
    authority, chain, key = certificates("good")
    image = build(authority)
    with TlsBefore(chain, key, server.port) as before:
        done = Run(M3.command(image, before.port))
    figures = re.search(r"\nheap (\d+)\nstack (\d+)\nof it Tls and Stream (\d+)\n\Z", done.text)
    assert done.status == 0 and figures and done.text[:figures.start()] == answer + "\n", done
    flash, ram = M3.sizes(image)
    heap, stack, objects = map(int, figures.groups())
    print(f"m3, https by mbedTLS: {flash:,} bytes of flash, {ram:,} of static RAM (16 KiB of it the heap, of which "
          f"{heap:,} were used), {stack:,} of stack ({objects:,} of it Tls and Stream)")
    as_documented("mbedtls/https.cpp", flash, ram, stack)


def refuses_another_ca(server):
    """Nothing of the request comes through."""
    _, chain, key = certificates("other")
    with TlsBefore(chain, key, server.port) as before:
        done = Run(M3.command(BUILD / "m3-https.elf", before.port))
    assert done.status == 1 and "CA" in done.text and before.carried == 0, (done, before.carried)
