"""A real nginx that ends TLS in front of local_server: unprivileged, in a folder of its own, on sockets in it."""
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

PATIENCE = 60  # seconds until nginx listens or has ended

_CONFIG = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
    log_format line '$server_name $ssl_protocol $ssl_session_reused $connection $status $http_authorization';
    access_log {folder}/access.log line;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    keepalive_requests 10000;
    ssl_session_cache none;
    ssl_session_tickets off;
    ssl_protocols TLSv1.2 TLSv1.3;
    proxy_buffering off;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    upstream local_server {{ server 127.0.0.1:{port}; keepalive 8; }}
{sites}
}}
"""

_SITE = """
    server {{
        listen unix:{folder}/{name}.socket {listen};
        server_name {server_name};
        {settings}
        location / {{ proxy_pass http://local_server; }}
    }}
"""

_REFUSAL = """
    server {{
        listen unix:{folder}/{name}.socket ssl default_server;
        ssl_reject_handshake on;
    }}
"""


def find():
    """The program; it is often where only root looks for programs."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/sbin")


def site(certificate, *settings, listen="ssl", only_for=None):
    """A server that shows a certificate, with more settings. `only_for`: to those who name this host by SNI."""
    return listen, only_for, (f"ssl_certificate {{pki}}/{certificate}.pem",
                              f"ssl_certificate_key {{pki}}/{certificate}.key", *settings)


PLAIN = ("", None, ())


class Nginx:
    """`sites` maps names to what site() gives. Each listens on a socket in the file system, see address()."""

    def __init__(self, sites, pki, port):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        text = ""
        for name, (listen, only_for, settings) in sites.items():
            lines = "".join(line.format(pki=pki) + ";\n        " for line in settings)
            if only_for:
                text += _REFUSAL.format(folder=self.folder, name=name)
            text += _SITE.format(folder=self.folder, name=name, listen=listen, server_name=only_for or name,
                                 settings=lines)
        config = self.folder / "nginx.conf"
        config.write_text(_CONFIG.format(folder=self.folder, port=port, sites=text), encoding="ascii")
        self.process = subprocess.Popen([find(), "-p", self.folder, "-c", config, "-e", self.folder / "error.log"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            self._wait(list(sites)[-1])
        except BaseException:
            self.stop()
            raise

    def address(self, name):
        return str(self.folder / (name + ".socket"))

    def access(self):
        """The lines of the log: name, protocol, "r" (session reused) or ".", connection, status, Authorization."""
        return [line.split(" ", 5) for line in (self.folder / "access.log").read_text().splitlines()]

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self, last):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"nginx ended: {self.process.stdout.read().decode()}"
            with socket.socket(socket.AF_UNIX) as link:
                if link.connect_ex(self.address(last)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("nginx does not listen")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
