"""What is between a client and a server, and servers that no real one is: all on free ports of 127.0.0.1."""
import select
import socket
import ssl
import threading

HANDSHAKE, APPLICATION_DATA, ALERT, CHANGE_CIPHER_SPEC = 22, 23, 21, 20


def records(data):
    """The types of the TLS records in these bytes, RFC 8446 section 5.1, and whether they end with a whole one."""
    types, at = [], 0
    while at + 5 <= len(data):
        types.append(data[at])
        at += 5 + int.from_bytes(data[at + 3:at + 5], "big")
    return types, at == len(data)


class Listener:
    """Accepts connections; each is attended by a thread."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.socket.getsockname()[1]
        self.threads = []
        self.stopping = threading.Event()
        self.accepting = threading.Thread(target=self._accept, daemon=True)
        self.accepting.start()

    def attend(self, link, index):
        """One connection, the index-th."""
        raise NotImplementedError

    def stop(self):
        """Returns when every connection has ended."""
        self.stopping.set()
        self.accepting.join()
        for thread in self.threads:
            thread.join()
        self.socket.close()

    def _accept(self):
        index = 0
        while not self.stopping.is_set():
            if not select.select([self.socket], [], [], 0.05)[0]:
                continue
            link = self.socket.accept()[0]
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._attend, args=(link, index), daemon=True)
            self.threads = [one for one in self.threads if one.is_alive()] + [thread]
            thread.start()
            index += 1

    def _attend(self, link, index):
        with link:
            try:
                self.attend(link, index)
            except OSError:
                pass  # the other side has gone

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Wire(Listener):
    """A wire to a server (a port, the path of a socket, or a function that says which for the index-th connection) that
    records what each side sends.

    `limit(index)`: after how many bytes of the server the index-th connection breaks; None: never. `breaks`: what
    happens then: "end" (the client sees an orderly end of TCP), "reset", or "stall" (nothing more comes).
    `flip(index)`: which byte of the server arrives with a bit changed; None: none.
    """

    def __init__(self, server, limit=lambda index: None, breaks="end", flip=lambda index: None):
        self.server, self.limit, self.breaks, self.flip = server, limit, breaks, flip
        self.connections = []  # for each, what came: (from the client, bytes)
        super().__init__()

    def sent(self, index=-1):
        """What the client of a connection sent, as bytes."""
        return b"".join(data for is_client, data in self.connections[index] if is_client)

    def server_flight(self, index=-1):
        """How many bytes the server sent before the client's first application data."""
        sent, count = b"", 0
        for is_client, data in self.connections[index]:
            if is_client:
                sent += data
                if APPLICATION_DATA in records(sent)[0]:
                    return count
            else:
                count += len(data)
        return count

    def attend(self, link, index):
        kept = []
        self.connections.append(kept)
        with self._dial(index) as server:
            left, flip = self.limit(index), self.flip(index)
            while True:
                readable = select.select([link, server], [], [], 0.1)[0]
                if self.stopping.is_set() and not readable:
                    return
                for side in readable:
                    data = side.recv(65536)
                    if side is server and left is not None:
                        data = data[:left]
                        left -= len(data)
                    if side is server and flip is not None:
                        if 0 <= flip < len(data):
                            data = data[:flip] + bytes([data[flip] ^ 1]) + data[flip + 1:]
                        flip -= len(data)
                    kept.append((side is link, data))
                    if data:
                        (server if side is link else link).sendall(data)
                    if left == 0:
                        return self._break(link, kept)
                    if not data:
                        (server if side is link else link).shutdown(socket.SHUT_WR)
                        return self._last_words(link if side is server else server, kept, side is server)

    def _break(self, link, kept):
        if self.breaks == "reset":
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            return
        if self.breaks == "end":
            link.shutdown(socket.SHUT_WR)
        self._last_words(link, kept, True)

    def _last_words(self, side, kept, is_client):
        """What the other side still says, so that no reset overtakes anything."""
        while not self.stopping.is_set():
            if select.select([side], [], [], 0.1)[0]:
                data = side.recv(65536)
                kept.append((is_client, data))
                if not data:
                    return

    def _dial(self, index):
        server = self.server(index) if callable(self.server) else self.server
        if isinstance(server, int):
            return socket.create_connection(("127.0.0.1", server))
        link = socket.socket(socket.AF_UNIX)
        link.connect(server)
        return link


class TlsServer(Listener):
    """A TLS server by Python's ssl module: answers each request with these bytes, then ends as it is told.

    `ends`: "close_notify", "no close_notify" (TCP ends without it), or "stays".
    `heard` has what the clients said, decrypted; `farewells` how their side ended: "close_notify", "cut" or "reset";
    `hellos` the name each asked for (see tls_context), and the protocol that was agreed on.
    """

    def __init__(self, context, answer, ends="close_notify"):
        self.context, self.answer, self.ends = context, answer, ends
        self.heard, self.farewells, self.hellos = [], [], []
        super().__init__()

    def attend(self, link, index):
        link.settimeout(30)
        try:
            with self.context.wrap_socket(link, server_side=True, suppress_ragged_eofs=False) as encrypted:
                self.hellos.append((getattr(encrypted, "asked_for", None), encrypted.selected_alpn_protocol()))
                self._converse(encrypted)
        except (ssl.SSLError, ConnectionError) as error:
            self.heard.append(b"")
            self.farewells.append(str(error))

    def _converse(self, link):
        heard = b""
        try:
            while b"\r\n\r\n{" not in heard or not heard.endswith(b"}"):
                data = link.recv(65536)
                heard += data
                if not data:
                    self.farewells.append("close_notify")
                    return
            for piece in self.answer if isinstance(self.answer, list) else [self.answer]:
                link.sendall(piece)
            if self.ends == "close_notify":
                link.unwrap()
                self.farewells.append("close_notify")
            elif self.ends == "no close_notify":
                socket.socket.shutdown(link, socket.SHUT_WR)
            while self.ends != "close_notify":
                if not link.recv(65536):
                    self.farewells.append("close_notify")
                    return
        except ssl.SSLEOFError:
            self.farewells.append("cut")
        except ConnectionError:
            self.farewells.append("reset")
        finally:
            self.heard.append(heard)


def tls_context(pki, certificate, client_authority=None):
    """What a TlsServer needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.sni_callback = lambda link, name, _: setattr(link, "asked_for", name)
    context.load_cert_chain(pki.path(certificate + ".pem"), pki.path(certificate + ".key"))
    if client_authority:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(pki.path(client_authority + ".pem"))
    return context


class PlainServer(Listener):
    """Says something at once or after the client's first bytes, and ends; keeps what it heard."""

    def __init__(self, answer, at_once=False):
        self.answer, self.at_once, self.heard = answer, at_once, []
        super().__init__()

    def attend(self, link, index):
        link.settimeout(30)
        if self.at_once:
            link.sendall(self.answer)
        heard = link.recv(65536)
        if not self.at_once:
            link.sendall(self.answer)
        link.shutdown(socket.SHUT_WR)
        while True:
            data = link.recv(65536)
            if not data:
                break
            heard += data
        self.heard.append(heard)
