"""Where the code at an address was written, inlined functions told apart (needs debug information)."""
import pathlib
import re
import subprocess


def inlined(elf, addresses, prefix=""):
    """{address: (function, file)}, of the innermost inlined function."""
    addresses = list(addresses)
    done = subprocess.run([prefix + "addr2line", "-e", str(elf), "-f", "-C", "-i", "-a"],
                          input="".join(f"{address:#x}\n" for address in addresses), capture_output=True, text=True,
                          check=True)
    found, lines = {}, done.stdout.splitlines()
    for index, line in enumerate(lines):
        if not re.fullmatch(r"0x[0-9a-f]+", line):
            continue
        function, place = lines[index + 1], lines[index + 2].split(":")[0]
        path = pathlib.PurePath(place)
        found[int(line, 16)] = (short(function), "/".join(path.parts[-2:]) if place != "??" else "library")
    return found


def short(function):
    """Without namespaces that say nothing and without parameters."""
    function = re.sub(r"openai_stream::v\w+?::|\(anonymous namespace\)::", "", function)
    function = re.sub(r"\((?!anonymous).*$", "", function)
    return function if len(function) <= 70 else function[:67] + "..."
