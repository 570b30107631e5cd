"""What size and speed may cost, and what we compare them with. Beside each limit: what was measured last.

Instructions are counted by callgrind, flash is what arm-none-eabi-g++ 12.2 -Os links for a Cortex-M3: both are the same on
every machine with the same compiler and C library. Whoever makes them smaller lowers the limit.
"""

FLASH_BYTES = 16384                # of the chat client, without its baseline: 14,5xx
INSTRUCTIONS_PER_EVENT = 3600      # g++ -O2, reads of 16 KiB: 3,5xx
SMALL_READS_RATIO = 1.6            # reads of 64 bytes, compared with that: 1.x

# Undefined symbols that a compiler may need anyway.
ALLOWED_SYMBOLS = {"memcpy", "memmove", "memset", "memcmp", "memchr", "strlen"}
# What must not be in an image: a heap, exceptions, run-time initialisers with guards.
FORBIDDEN_SYMBOLS = r"malloc|_sbrk|__cxa|_Unwind|__throw|_free_r|operator new|operator delete|__aeabi_atexit"

DOUBLING_RATIO = 2.2               # cost of twice the input: 2.0x
# Instructions per byte, by what the bytes are. They catch what is linear in the input but not in the buffer.
INSTRUCTIONS_PER_BYTE = {}

# What others need for the same.
FLASH_OF_OTHERS = {"picohttpparser + jsmn": 3984, "coreHTTP + coreJSON": 23888}
INSTRUCTIONS_OF_OTHERS = {"picohttpparser + simdjson": 2600}
