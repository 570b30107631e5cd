"""examples/firmware/lwip: TCP by lwIP over the network interface of an emulated Cortex-M3, which reaches loopback alone."""
import os
import pathlib
import re

from boards import BUILD, M3, ROOT, Run, library, as_documented

# The sources of lwIP 2.1; run.sh fetches them.
LWIP = pathlib.Path(os.environ.get("LWIP_SOURCE", "/nowhere"))
FOLDER = ROOT / "examples/firmware/lwip"


def missing():
    if M3.missing():
        return f"{', '.join(M3.missing())} is not there"
    return "" if (LWIP / "src/core/tcp.c").exists() else "the sources of lwIP are not there (LWIP_SOURCE)"


def build():
    configured = [f"-I{FOLDER}", "-isystem", str(LWIP / "src/include")]
    sources = [path for part in ("core/*.c", "core/ipv4/*.c", "netif/ethernet.c") for path in (LWIP / "src").glob(part)]
    lwip = library("lwip", sources, configured, "".join((FOLDER / name).read_text() for name in ("lwipopts.h", "arch/cc.h")))
    return M3.build("lwip", *configured, program=[*sorted(FOLDER.glob("*.cpp")), lwip])


def asks(image, port):
    """Without a port, nobody is there."""
    way = f",guestfwd=tcp:10.0.2.100:8080-tcp:127.0.0.1:{port}" if port else ""
    return Run([*M3.command(image), "-nic", "user,model=stellaris,restrict=on" + way])


def asks_by_tcp(server, answer):
    image = build()
    done = asks(image, server.port)
    figures = re.search(r"stack (\d+)\nof it the Stream (\d+)\n\Z", done.text)
    assert done.status == 0 and figures and done.text[:figures.start()] == answer + "\n", done
    flash, ram = M3.sizes(image)
    stack, stream = map(int, figures.groups())
    print(f"m3, TCP by lwIP: {flash:,} bytes of flash, {ram:,} of static RAM, {stack:,} of stack "
          f"({stream:,} of it the Stream)")
    as_documented("lwip/tcp.cpp", flash, ram, stack)


def says_that_nobody_is_there():
    done = asks(BUILD / "m3-lwip.elf", None)
    assert done.status == 1 and "The connection took too long" in done.text, done
