"""A modem in command mode (ESP-AT's words), whose other end is a server of this machine. It echoes, says "busy" to the
first command that sends, comes with +IPD in pieces of any size and between its own words, also after it was told to close,
and tells of the network."""
import contextlib
import re
import socket
import threading


class Modem:
    def __init__(self, host_of_server):
        self.ours, self.theirs = socket.socketpair()
        self.host_of_server = host_of_server
        self.commands = []
        self.lock = threading.Lock()
        self.server = self.bringer = None
        self.busy = 1
        threading.Thread(target=self.run, daemon=True).start()

    def say(self, text):
        with self.lock, contextlib.suppress(OSError):  # the program may have ended
            self.ours.sendall(text if isinstance(text, bytes) else text.encode())

    def run(self):
        with contextlib.suppress(OSError):
            self.obey()

    def obey(self):
        buffer = b""
        while True:
            while b"\r\n" not in buffer:
                piece = self.ours.recv(4096)
                if not piece:
                    return
                buffer += piece
            line, _, buffer = buffer.partition(b"\r\n")
            command = line.decode()
            self.commands.append(command)
            self.say(command + "\r\n")  # its echo
            if found := re.fullmatch(r'AT\+CIPSTART="TCP","([^"]+)",(\d+)', command):
                self.connect(found[1], int(found[2]))
            elif found := re.fullmatch(r"AT\+CIPSEND=(\d+)", command):
                if self.busy:
                    self.busy -= 1
                    self.say("busy p...\r\n")
                    continue
                count = int(found[1])
                self.say("\r\nOK\r\n> ")
                while len(buffer) < count:
                    buffer += self.ours.recv(4096)
                self.server.sendall(buffer[:count])
                buffer = buffer[count:]
                self.say(f"\r\nRecv {count} bytes\r\n\r\nSEND OK\r\n")
            elif command == "AT+CIPCLOSE":
                if not self.server:
                    self.say("\r\nERROR\r\n")
                    continue
                with contextlib.suppress(OSError):  # the server may have closed it
                    self.server.shutdown(socket.SHUT_RDWR)
                self.bringer.join()
                self.server.close()
                self.server = None
                self.say("\r\n+IPD,9:\r\nLATE\r\n\r\nOK\r\n")

    def connect(self, host, port):
        if host != self.host_of_server:
            self.say("\r\nERROR\r\nCLOSED\r\n")
            return
        self.server = socket.create_connection(("127.0.0.1", port))
        self.say("CONNECT\r\n\r\nOK\r\n")
        self.bringer = threading.Thread(target=self.bring, daemon=True)
        self.bringer.start()

    def bring(self):
        size = 1
        with contextlib.suppress(OSError):
            while piece := self.server.recv(4096):
                while piece:
                    size = size % 97 + 1
                    part, piece = piece[:size], piece[size:]
                    self.say(b"\r\n+IPD,%d:%s" % (len(part), part))
                    if size == 50:
                        self.say("\r\nWIFI GOT IP\r\n")
        self.say("CLOSED\r\n")
