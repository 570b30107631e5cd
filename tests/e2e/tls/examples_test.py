#!/usr/bin/env python3
"""The examples over https, as their users run them.

    examples_test.py LOCAL_SERVER QUICK CHAT CUSTOM_SOCKET_TLS ELSEWHERE

They ask https://api.openai.com/v1, which is this machine for them, see elsewhere.cpp: nginx with a certificate for that
name by an authority made here, in front of local_server.
"""
import pathlib
import subprocess
import sys

from nginx import site
from rig import ANSWER, API_KEY, HOST, Rig
from support import Result, environment, match

LOCAL_SERVER, QUICK, CHAT, CUSTOM_SOCKET_TLS, ELSEWHERE = sys.argv[1:6]
HERE = pathlib.Path(__file__).resolve().parent
URL = f"https://{HOST}/v1"
SITES = {"valid": site("with_middle"), "expired": site("expired"), "other_host": site("other_host")}
PATIENCE = 600  # seconds; run.sh compiles


def run(rig, name, *words, authority="root", questions="", **more):
    """A program, in whose eyes this site is api.openai.com; and what it sent."""
    variables = {"OPENAI_BASE_URL": URL, "OPENAI_API_KEY": API_KEY, "LD_PRELOAD": ELSEWHERE, **more}
    if authority:
        variables["SSL_CERT_FILE"] = str(rig.pki.path(authority + ".pem"))
    with rig.wire(name) as wire:
        words = [word.replace("{port}", str(wire.port)) for word in words]
        ours = environment(None, **variables, ELSEWHERE_PORT=str(wire.port))
        if not authority:
            ours.pop("SSL_CERT_FILE", None)
        done = subprocess.run(words, env=ours, input=questions, capture_output=True, text=True, timeout=PATIENCE,
                              check=False)
        return done, b"".join(wire.sent(index) for index in range(len(wire.connections)))


def quick(rig):
    done, sent = run(rig, "valid", QUICK, "ping")
    assert (done.returncode, done.stdout, done.stderr) == (0, ANSWER + "\n", ""), done
    assert HOST.encode() in sent and API_KEY.encode() not in sent


def quick_by_the_systems_authorities(rig):
    """The bundle of the system: with the authority made here in it, as it is, and not there."""
    done, _ = run(rig, "valid", QUICK, "ping", authority=None, ELSEWHERE_CA=str(rig.pki.path("bundle.pem")))
    assert (done.returncode, done.stdout, done.stderr) == (0, ANSWER + "\n", ""), done
    done, sent = run(rig, "valid", QUICK, "ping", authority=None)
    assert done.returncode == 1 and done.stdout == "\n", done
    match("trusted CAs", done.stderr)
    assert API_KEY.encode() not in sent
    done, sent = run(rig, "valid", QUICK, "ping", authority=None, ELSEWHERE_CA="/nowhere")
    assert done.returncode == 1 and sent == b"", done
    match("No trusted CAs", done.stderr)


def says_what_is_wrong(rig):
    for name, said in (("expired", "expired on 2021-02-03"), ("other_host", f"not for {HOST}, but for other.example")):
        done, _ = run(rig, name, QUICK, "ping")
        assert done.returncode == 1 and done.stdout == "\n", done
        match(said, done.stderr)


def chat(rig):
    done, _ = run(rig, "valid", CHAT, questions="ping\nping\n")
    assert done.returncode == 0 and done.stdout.count(ANSWER) == 2, done
    done, _ = run(rig, "expired", CHAT, questions="ping\n")
    match("expired on 2021-02-03", done.stderr)


def custom_socket_tls(rig):
    """Its bytes go through another program."""
    through = [sys.executable, str(HERE / "through.py"), "%h", "{port}"]
    done, sent = run(rig, "valid", CUSTOM_SOCKET_TLS, "ping", *through)
    assert (done.returncode, done.stdout) == (0, ANSWER + "\n"), done
    assert HOST.encode() in sent and API_KEY.encode() not in sent
    done, _ = run(rig, "expired", CUSTOM_SOCKET_TLS, "ping", *through)
    assert done.returncode == 1, done
    match("expired on 2021-02-03", done.stderr)


def run_sh(rig):
    done, _ = run(rig, "valid", "sh", str(HERE.parents[2] / "examples" / "run.sh"), "ping")
    assert (done.returncode, done.stdout) == (0, ANSWER + "\n"), done
    match(f"Asking {URL}: ping", done.stderr)


def run_sh_with_tools(rig):
    """An example that has its connection from common.hpp."""
    command = ["sh", str(HERE.parents[2] / "examples" / "run.sh"), "--tools"]
    done, sent = run(rig, "valid", *command)
    assert done.returncode == 0 and "twenty past nine" in done.stdout, done
    assert HOST.encode() in sent and API_KEY.encode() not in sent
    done, _ = run(rig, "expired", *command)
    assert done.returncode == 1, done
    match("The connection could not be made \\(.*\\)\\. The server.s certificate expired on 2021-02-03", done.stderr)


def main():
    result = Result()
    with Rig(LOCAL_SERVER, None, SITES) as rig:
        for test in (quick, quick_by_the_systems_authorities, says_what_is_wrong, chat, custom_socket_tls, run_sh,
                     run_sh_with_tools):
            result.run(test.__name__.replace("_", " "), test, rig)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
