#!/usr/bin/env python3
"""Standard input and output to a port of this machine, and back: through.py HOST PORT"""
import os
import select
import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as link:
    sides = {link.fileno(): 1, 0: link.fileno()}
    while True:
        for side in select.select(list(sides), [], [])[0]:
            data = os.read(side, 65536)
            if not data:
                sys.exit(0)
            while data:
                data = data[os.write(sides[side], data):]
