#!/usr/bin/env python3
"""examples/adapters: all are compiled without a warning; those whose platform is here are run: adapters.py LOCAL_SERVER"""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/firmware"))
from boards import BUILD, PATIENCE, STRICT, Tests  # noqa: E402  pylint: disable=wrong-import-position
from firmware import local_server, whole_answer  # noqa: E402  pylint: disable=wrong-import-position
from https import TlsBefore, certificates  # noqa: E402  pylint: disable=wrong-import-position
from modem import Modem  # noqa: E402  pylint: disable=wrong-import-position
from support import Server, environment  # noqa: E402  pylint: disable=wrong-import-position

FOLDER = ROOT / "examples/adapters"
OURS, PACKAGES = ROOT / "tests/adapters/interfaces", ROOT / "tests/packages/interfaces"
LINK = "openai_stream::Transport use({type}& link) {{ return openai_stream::transport_of(link); }}\n"
PUSHED = "bool use({type}& answer) {{ return answer.{call}([](const openai_stream::Event&) {{}}); }}\n"
UART = ("struct Uart { size_t get(char*, size_t); size_t put(const char*, size_t); void sleep(uint32_t); "
        "uint32_t millis(); };\n")
# file: (folder of headers that stand in for a platform's, or None: real ones; a header to look for; how it is used)
ADAPTERS = {
    "arduino_client": (PACKAGES / "arduino", None, LINK.format(type="ClientLink")),
    "at_modem": (None, None, UART + LINK.format(type="AtModem<Uart>")),
    "curl": (None, "curl/curl.h", "bool use(CurlAnswer& answer) { return answer.poll(); }\n"),
    "esp_tls": (PACKAGES / "esp-idf", None, LINK.format(type="EspTlsLink")),
    "freertos_tcp": (OURS / "freertos", None, LINK.format(type="FreeRtosLink")),
    "godot_http_client": (OURS / "godot", None, PUSHED.format(type="GodotHttpAnswer", call="process")),
    "godot_stream_peer": (OURS / "godot", None, LINK.format(type="GodotLink")),
    "lwip_altcp": (pathlib.Path("/usr/include/lwip"), "lwip/altcp.h", LINK.format(type="LwipLink")),
    "openssl": (None, "openssl/ssl.h", LINK.format(type="OpensslLink")),
    "sdl_net": (None, "SDL2/SDL_net.h", LINK.format(type="SdlLink")),
    "slow_link": (None, None, "openai_stream::Transport use(SlowLink& link) { return link.transport(); }\n"),
    "unreal_http": (OURS / "unreal", None, PUSHED.format(type="FOpenAiHttpAnswer", call="Tick")),
    "unreal_socket": (OURS / "unreal", None, LINK.format(type="FOpenAiSocketLink")),
    "zephyr_socket": (OURS / "zephyr", None, LINK.format(type="ZephyrLink")),
}
RUN = {"curl": ["-lcurl"], "openssl": ["-lssl", "-lcrypto"], "sdl_net": ["-lSDL2_net", "-lSDL2"], "at_modem": []}
MARK = "not run"  # said in the first lines of those that only fit a declared interface


def lacks(name):
    """The real header that it needs and that is not here, or None."""
    folder, header, _ = ADAPTERS[name]
    if header is None:
        return None
    done = subprocess.run(["c++", "-fsyntax-only", "-x", "c++", *(["-I", folder] if folder else []), "-"], text=True,
                          input=f"#include <{header}>\n", capture_output=True, check=False)
    return header if done.returncode else None


def compiles(name, compiler):
    folder, _, use = ADAPTERS[name]
    unit = BUILD / f"adapter-{name}.cpp"
    socket = "#define OPENAI_STREAM_SOCKET\n" if name == "openssl" else ""
    unit.write_text(f'{socket}#include "examples/adapters/{name}.hpp"\n{use.replace("use(", "use_it(")}')
    done = subprocess.run([compiler, "-std=c++17", "-fsyntax-only", *STRICT, "-Wno-missing-declarations", f"-I{ROOT}",
                           *(["-isystem", folder] if folder else []), unit], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]


def all_are_known():
    files = {path.stem for path in FOLDER.glob("*.hpp")}
    assert files == set(ADAPTERS), files ^ set(ADAPTERS)
    page = (FOLDER / "README.md").read_text("utf-8")
    named = set(re.findall(r"`(\w+)\.hpp`", page))
    assert named == files, named ^ files
    for name in files:
        is_marked = MARK in " ".join((FOLDER / f"{name}.hpp").read_text().split("#include")[0].replace("//", "").split())
        is_run = name in RUN or name in ("lwip_altcp", "arduino_client", "slow_link")
        assert is_marked != is_run, f"{name}: its first lines say otherwise"


def build(name):
    program = BUILD / f"talk-{name}"
    done = subprocess.run(["c++", "-std=c++17", "-O1", *STRICT, f"-DADAPTER_{name}", f"-I{ROOT}",
                           ROOT / "tests/adapters/talk.cpp", *RUN[name], "-o", program], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr[:2000]
    return program


def talk(name, *words, model="local", stdin=subprocess.DEVNULL):
    done = subprocess.run([BUILD / f"talk-{name}", *map(str, words)], env=environment(None, OPENAI_MODEL=model),
                          stdin=stdin, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.stderr:
        talk.said_beside = done.stderr
    return done.returncode, done.stdout


def sdl_net_answers(server, answer):
    build("sdl_net")
    assert talk("sdl_net", server.url) == (0, answer + "\n")
    status, said = talk("sdl_net", server.url, "", 1, model="fault:cut")
    assert status == 1 and "ended before it was finished" in said, said
    with Server(local_server()) as slow:  # some thirty tokens a second: most frames find nothing, and do not wait
        assert talk("sdl_net", slow.url) == (0, answer + "\n")
    frames = int(re.match(r"(\d+) frames", talk.said_beside)[1])
    assert frames > 4 * len(answer.split()), f"{frames} frames"


def curl_answers(server, answer):
    build("curl")
    authority, chain, key = certificates("curl")
    with TlsBefore(chain, key, server.port) as before:
        # The name of the certificate is not that of this machine: libcurl verifies, and refuses.
        status, said = talk("curl", f"https://127.0.0.1:{before.port}/v1", authority.parent / "ca.pem")
        assert status == 1 and before.carried == 0, said
    assert talk("curl", server.url) == (0, answer + "\n")
    status, said = talk("curl", server.url, model="fault:status=429")
    assert status == 1 and "429" in said, said


def openssl_answers(server, answer):
    build("openssl")
    authority, chain, key = certificates("openssl", "DNS:localhost")
    trusted = authority.parent / "ca.pem"
    for version in ("TLSv1_2", "TLSv1_3"):
        with TlsBefore(chain, key, server.port, version) as before:
            url = f"https://localhost:{before.port}/v1"
            status, said = talk("openssl", url, trusted, 3)
            wanted = f"{answer}\na new session\n{answer}\nresumed\n{answer}\nresumed\n"
            assert (status, said) == (0, wanted), (version, status, said)
    with TlsBefore(chain, key, server.port) as before:
        status, said = talk("openssl", f"https://127.0.0.1:{before.port}/v1", trusted)
        assert status == 1 and re.search("mismatch", said) and before.carried == 0, said
        elsewhere, chain_of_chat_local, its_key = certificates("named")
        with TlsBefore(chain_of_chat_local, its_key, server.port) as named:
            status, said = talk("openssl", f"https://localhost:{named.port}/v1", elsewhere.parent / "ca.pem")
            assert status == 1 and "mismatch" in said and named.carried == 0, said
        others = certificates("other")[0].parent / "ca.pem"
        status, said = talk("openssl", f"https://localhost:{before.port}/v1", others)
        assert status == 1 and "certificate" in said and before.carried == 0, said


def at_modem_answers(server, answer):
    build("at_modem")
    for model, status in (("local", 0), ("fault:cut", 1), ("fault:bytes", 0)):
        modem = Modem("chat.local")
        done = talk("at_modem", f"http://chat.local:{server.port}/v1", "", 2, model=model, stdin=modem.theirs)
        modem.theirs.close()
        assert done[0] == status, (model, done, modem.commands)
        if status == 0:
            assert done[1] == f"{answer}\n{answer}\n", done
            sends = [command for command in modem.commands if "CIPSEND" in command]
            assert len(sends) >= 3 and sends[0] == sends[1], modem.commands  # the first was told to wait
        else:
            assert "ended before it was finished" in done[1], done
    modem = Modem("chat.local")
    status, said = talk("at_modem", f"http://nobody.local:{server.port}/v1", stdin=modem.theirs)
    assert status == 1 and "The connection could not be made" in said, said


SKETCH = """
#include <WiFi.h>
#include "examples/adapters/arduino_client.hpp"
#include "examples/adapters/slow_link.hpp"
namespace oai = openai_stream;
static WiFiClient wifi;
static ClientLink network(wifi);
static SlowLink slow(oai::transport_of(network));
static char memory[2048];
static const String question("Are you there?");
static oai::Endpoint server("http://192.168.1.2:8080/v1");
static oai::ChatRequest ask("local", text_of(question));
static oai::Stream answer(slow.transport(), memory);
static bool is_over = false;
void setup() { answer.open(server, ask); }
void loop() {
    slow.next_turn();
    if (is_over || answer_in_loop(answer, Serial)) return;
    is_over = true;
    char why[300];
    Serial.println(answer.error() == oai::Error::none ? "" : answer.explain(why));
    answer.close();
}
"""


def arduino_client_answers():
    """In a sketch, on a board that is played (tests/packages/interfaces)."""
    sketch, program = BUILD / "sketch.cpp", BUILD / "sketch"
    sketch.write_text(SKETCH)
    interface = PACKAGES / "arduino"
    done = subprocess.run(["c++", "-std=c++17", *STRICT, f"-I{ROOT}", "-isystem", interface, sketch,
                           interface / "board.cpp", "-o", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]
    done = subprocess.run([program], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (0, "Hello, board.\nstopped\n"), done


def main():
    tests = Tests()
    BUILD.mkdir(parents=True, exist_ok=True)
    tests.run("every adapter is on the page, and says whether it is run", all_are_known)
    compilers = ["c++"] + [one for one in ("clang++-19",) if shutil.which(one)]
    for name in sorted(ADAPTERS):
        missing = lacks(name)
        if missing:
            tests.skip(f"adapters: {name} was not compiled, {missing} is not there")
            continue
        for compiler in compilers:
            tests.run(f"{name} by {compiler}", compiles, name, compiler)
    with Server(local_server(), "--pace", "0") as server:
        answer = whole_answer(server)
        for name, test in (("sdl_net", sdl_net_answers), ("curl", curl_answers), ("openssl", openssl_answers),
                           ("at_modem", at_modem_answers)):
            if lacks(name):
                tests.skip(f"adapters: {name} was not run, {lacks(name)} is not there")
            else:
                tests.run(f"{name} talks", test, server, answer)
    tests.run("arduino_client talks", arduino_client_answers)
    tests.skip("adapters: " + ", ".join(sorted(name for name in ADAPTERS if ADAPTERS[name][0] in (
        PACKAGES / "esp-idf", OURS / "freertos", OURS / "godot", OURS / "unreal", OURS / "zephyr"))) +
        ": compiled against declared interfaces, not run")
    return tests.end()


if __name__ == "__main__":
    sys.exit(main())
