#!/usr/bin/env python3
"""What including the header costs: seconds of the processor beside those of <string_view>, and of headers that others
include for the same. The least of several runs; what counts are the ratios. Nothing is checked: machines differ.
"""
import os
import resource
import subprocess
import sys

import support

COMPILER = os.environ.get("CXX", "g++").split()
RUNS = 7
EVERYTHING = ("OPENAI_STREAM_SOCKET", "OPENAI_STREAM_MBEDTLS", "OPENAI_STREAM_REPLAY", "OPENAI_STREAM_CLIENT")


def seconds(text):
    """To compile it and nothing else; None: it does not compile."""
    used = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([*COMPILER, "-std=c++17", "-O0", "-c", "-x", "c++", "-", "-o", os.devnull], check=False,
                              input=text.encode(), stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            return None
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(used)


def main():
    header = f'#include "{support.header()}"\n'
    base = seconds("#include <string_view>\n")
    print(f"include cost, {' '.join(COMPILER)} -O0: seconds, more than <string_view>, times <string_view>")
    for name, text in (("<string_view>", "#include <string_view>\n"), ("openai_stream.hpp", header),
                       ("openai_stream.hpp, all of it", "".join(f"#define {one}\n" for one in EVERYTHING) + header),
                       ("<iostream> and <string>", "#include <iostream>\n#include <string>\n"),
                       ("simdjson.h", "#include <simdjson.h>\n"), ("httplib.h", "#include <httplib.h>\n"),
                       ("httplib.h and nlohmann/json.hpp", "#include <httplib.h>\n#include <nlohmann/json.hpp>\n")):
        cost = seconds(text)
        print(f"  {name:<40}" + (f"{cost:8.2f} {cost - base:+8.2f} {cost / base:8.1f}" if cost else "    SKIPPED: is not there"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
