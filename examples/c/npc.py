"""An engine's side of npc.c: npc.py ["question"], with libnpc.so beside it, or where NPC_LIBRARY says."""
import ctypes
import os
import pathlib
import sys
import time

library = ctypes.CDLL(os.environ.get("NPC_LIBRARY", str(pathlib.Path(__file__).with_name("libnpc.so"))))
library.npc_new.restype = ctypes.c_void_p
library.npc_new.argtypes = [ctypes.c_char_p] * 3
library.npc_free.argtypes = [ctypes.c_void_p]
library.npc_ask.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
library.npc_poll.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
library.npc_error.restype = ctypes.c_char_p
library.npc_error.argtypes = [ctypes.c_void_p]


def setting(name, otherwise):
    return (os.environ.get(name) or otherwise).encode()


npc = library.npc_new(setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), setting("OPENAI_API_KEY", ""),
                      setting("OPENAI_MODEL", "local"))
library.npc_ask(npc, (sys.argv[1] if len(sys.argv) > 1 else "Why is the sky blue?").encode())
text, said = ctypes.create_string_buffer(256), 0
while said >= 0:
    said = library.npc_poll(npc, text, len(text))  # a frame of the game
    print(text.value.decode(), end="", flush=True)
    if said == 0:
        time.sleep(1 / 60)
print()
error = library.npc_error(npc).decode()
library.npc_free(npc)
if said == -2:
    sys.exit(error)
