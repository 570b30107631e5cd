#!/usr/bin/env python3
"""https against a real nginx, row by row: matrix_test.py LOCAL_SERVER CLIENT

Exactly the good servers stream; each bad one has an error of its own that says what is wrong, in time, and has not seen
a byte of the request: every row goes over a wire that records.
"""
import errno
import json
import re
import socket
import ssl
import sys
import time

from rig import ANSWER, API_KEY, HOST, WRAPPER, Rig
from nginx import PLAIN, site
from wire import APPLICATION_DATA, PlainServer, TlsServer, Wire, records, tls_context
from support import Result, match

LEFT = errno.EPIPE, errno.ECONNRESET  # a server may be gone while we still speak
OLD = "ssl_ciphers DEFAULT:@SECLEVEL=0"  # what OpenSSL refuses by itself otherwise

SITES = {
    "tls12": site("valid", "ssl_protocols TLSv1.2"),
    "tls13": site("valid", "ssl_protocols TLSv1.3"),
    "tls11": site("valid", "ssl_protocols TLSv1.1", OLD),
    "tls10": site("valid", "ssl_protocols TLSv1", OLD),
    "small_rsa": site("small_rsa", OLD),
    "sha1": site("sha1", OLD),
    "sni": site("valid", only_for=HOST),
    "address_sni": site("address", only_for=HOST),
    "http2": site("valid", listen="ssl http2"),
    "asks_for_client": site("valid", "ssl_client_certificate {pki}/client_root.pem", "ssl_verify_client on"),
    "plain": PLAIN,
    **{name: site(name) for name in (
        "valid", "rsa", "with_middle", "without_middle", "wildcard", "address", "many_names", "expired", "not_yet",
        "old_chain", "other_host", "name_only", "name_and_other", "top_wildcard", "half_wildcard", "address_as_name",
        "nul", "self_signed", "unknown", "signed_by_leaf", "client_only", "expired_and_other")},
}

EMPTY_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 14\r\n\r\ndata: [DONE]\n\n"

# sentence, site, host, more words for the client
GOOD = [
    ("a valid certificate", "valid", HOST),
    ("a host in capitals", "valid", "API.OpenAI.com"),
    ("an RSA key", "rsa", HOST),
    ("an intermediate that the server sends", "with_middle", HOST),
    ("a wildcard for one level", "wildcard", HOST),
    ("one name of many", "many_names", HOST),
    ("an IPv4 address", "address", "127.0.0.1"),
    ("an IPv6 address", "address", "[::1]"),
    ("an IPv6 address in its long form", "address", "[0:0:0:0:0:0:0:1]"),
    ("TLS 1.2 only", "tls12", HOST),
    ("SNI required", "sni", HOST),
    ("a server that also speaks HTTP/2", "http2", HOST),
    ("a client certificate required, and given", "asks_for_client", HOST, "certificate={pki}/client.pem",
     "key={pki}/client.key"),
    ("a client certificate whose key has a password", "asks_for_client", HOST, "certificate={pki}/client.pem",
     "key={pki}/client_locked.key", "key_password=secret words"),
    ("another server name, by the settings", "valid", "127.0.0.1", "server_name=" + HOST),
    ("a link that moves a byte at a time", "valid", HOST, "stutters=yes"),
    ("the right pin", "valid", HOST, "pin=valid"),
    ("the right pin as the second of two", "valid", HOST, "pin=rsa", "pin=valid"),
    ("a clock that says when the certificate was valid", "expired", HOST, "clock=1600000000"),
]

# sentence, authority (None: none in memory), more words for the client
AUTHORITIES = [
    ("an authority as DER", None, "ca={pki}/root.der"),
    ("many authorities as PEM", None, "ca={pki}/bundle.pem"),
    ("a file of authorities", None, "ca_path={pki}/bundle.pem"),
    ("a folder of authorities", None, "ca_path={pki}/store"),
]

# sentence, site, host, problem, what is said, more words for the client
BAD = [
    ("expired", "expired", HOST, "expired", "2021-02-03"),
    ("expired in the eyes of the clock that is given", "valid", HOST, "expired", "20", "clock=4000000000"),
    ("not yet valid", "not_yet", HOST, "not_yet_valid", "2040-05-06"),
    ("an expired intermediate", "old_chain", HOST, "expired", "2021-02-03"),
    ("another host", "other_host", HOST, "wrong_name", f"{HOST}.*other.example"),
    ("a host below the name", "valid", "beta." + HOST, "wrong_name", f"beta.{HOST}.*{HOST}"),
    ("a host above the name", "valid", "openai.com", "wrong_name", f"openai.com.*{HOST}"),
    ("the common name only (RFC 9110 section 4.3.4)", "name_only", HOST, "wrong_name", HOST),
    ("the common name, and another alternative", "name_and_other", HOST, "wrong_name", f"{HOST}.*other.example"),
    ("a wildcard for two levels", "wildcard", "a.b.openai.com", "wrong_name", r"a.b.openai.com.*\*.openai.com"),
    ("a wildcard for no level", "wildcard", "openai.com", "wrong_name", r"openai.com.*\*.openai.com"),
    ("a wildcard for a whole domain", "top_wildcard", "openai.com", "wrong_name", r"openai.com.*\*.com"),
    ("a wildcard within a label", "half_wildcard", HOST, "wrong_name", r"api.openai.com.*a\*.openai.com"),
    ("an address that is not the certificate's", "address", "127.0.0.2", "wrong_name", "127.0.0.2.*127.0.0.1"),
    ("an IPv6 address that is not the certificate's", "address", "[::2]", "wrong_name", "::2"),
    ("an address that stands as a host name", "address_as_name", "127.0.0.1", "wrong_name", "127.0.0.1"),
    ("a NUL in the name", "nul", HOST, "wrong_name", HOST),
    ("another server name, by the settings", "valid", HOST, "wrong_name", "other.example", "server_name=other.example"),
    ("self-signed", "self_signed", HOST, "self_signed", "signed by itself"),
    ("an unknown authority", "unknown", HOST, "unknown_ca", "Unknown Root"),
    ("an intermediate that the server does not send", "without_middle", HOST, "unknown_ca", "Test Intermediate"),
    ("signed by a certificate that may not sign", "signed_by_leaf", HOST, "unknown_ca", ""),
    ("a certificate for clients", "client_only", HOST, "wrong_use", ""),
    ("RSA with 1024 bits", "small_rsa", HOST, "weak_certificate", ""),
    ("a signature over SHA-1", "sha1", HOST, "weak_certificate", ""),
    ("everything wrong at once", "expired_and_other", HOST, "unknown_ca", ""),
    ("the wrong pin", "valid", HOST, "wrong_pin", "pin", "pin=rsa"),
    ("TLS 1.1 only", "tls11", HOST, "protocol_version", "version of TLS"),
    ("TLS 1.0 only", "tls10", HOST, "protocol_version", "version of TLS"),
    ("SNI required, which an address cannot be", "address_sni", "127.0.0.1", "unknown_server_name", ""),
    ("TLS to a plain port", "plain", HOST, "not_tls", "TLS"),
]


def pinned(rig, words):
    """pin=NAME becomes the pin of that certificate."""
    return [f"pin={rig.pki.pin(word[4:])}" if word.startswith("pin=") else word for word in words]


def check_streams(told):
    assert (told["text"], told["error"], told["problem"]) == (ANSWER, "no error", "none"), told


def check_refuses(told, problem, said):
    """What is said is one sentence, without the key or any of the request."""
    assert (told["text"], told["problem"]) == ("", problem), told
    match(said, told["said"])
    assert told["error"] == "the connection could not be made", told
    assert told["transport_code"] in (told["code"], *LEFT), told
    assert told["ms"] < 20000, told
    assert re.fullmatch(r"[ -~]{10,}", told["said"]) and API_KEY not in json.dumps(told), told


def check_kept_secret(sent):
    """Not one record of application data, nor anything of the request as it is."""
    assert APPLICATION_DATA not in records(sent)[0], records(sent)
    for word in (API_KEY, "Bearer", "POST", "ping"):
        assert word.encode() not in sent, sent


def streams(rig, name, host, *words):
    with rig.wire(name) as wire:
        told, = rig.ask(wire.port, *pinned(rig, words), host=host)
        sent = wire.sent()
    check_streams(told)
    assert API_KEY.encode() not in sent and APPLICATION_DATA in records(sent)[0]
    assert told["dates_checked"], told


def trusts(rig, authority, *words):
    with rig.wire("valid") as wire:
        told, = rig.ask(wire.port, *words, authority=authority)
    check_streams(told)


def refuses(rig, name, host, problem, said, *words):
    with rig.wire(name) as wire:
        told, = rig.ask(wire.port, *pinned(rig, words), host=host)
        sent = wire.sent()
    check_refuses(told, problem, said)
    check_kept_secret(sent)


def dates_without_a_clock(rig):
    """They are not checked, and that is said; everything else is."""
    with rig.wire("expired") as wire:
        told, = rig.ask(wire.port, "clock=none")
    check_streams(told)
    assert not told["dates_checked"], told
    with rig.wire("other_host") as wire:
        told, = rig.ask(wire.port, "clock=none")
        sent = wire.sent()
    check_refuses(told, "wrong_name", HOST)
    check_kept_secret(sent)


def tls13_only(rig, result):
    with rig.wire("tls13") as wire:
        told, = rig.ask(wire.port)
        sent = wire.sent()
    if told["has_tls13"]:
        check_streams(told)
    else:
        check_refuses(told, "protocol_version", "version of TLS")
        check_kept_secret(sent)
        result.skip(f"TLS 1.3: {told['library']} has not got it; a server that wants it is refused")


def client_certificate_missing(rig):
    """nginx ends the handshake and says it by HTTP."""
    with rig.wire("asks_for_client") as wire:
        told, = rig.ask(wire.port)
    assert (told["problem"], told["http_status"]) == ("none", 400), told
    match("No required SSL certificate was sent", told["body"])


def client_certificate_missing_by_tls(rig):
    """Others refuse in the handshake."""
    context = tls_context(rig.pki, "valid", client_authority="client_root")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with TlsServer(context, b"") as server, Wire(server.port) as wire:
        told, = rig.ask(wire.port)
        sent = wire.sent()
    check_refuses(told, "client_certificate_required", "certificate")
    check_kept_secret(sent)


def client_certificate_by_tls(rig):
    context = tls_context(rig.pki, "valid", client_authority="client_root")
    with TlsServer(context, EMPTY_ANSWER) as server:
        told, = rig.ask(server.port, "certificate={pki}/client.pem", "key={pki}/client.key")
    assert (told["error"], told["problem"]) == ("no error", "none"), told


def hello(rig):
    """What the client asks for: the host's name, unless that is an address, and HTTP/1.1, not HTTP/2."""
    for host, certificate, name in ((HOST, "valid", HOST), ("[::1]", "address", None)):
        with TlsServer(tls_context(rig.pki, certificate), EMPTY_ANSWER) as server:
            told, = rig.ask(server.port, host=host)
        assert told["error"] == "no error" and server.hellos == [(name, "http/1.1")], (told, server.hellos)


def unknown_to_the_server(rig):
    """nginx takes any certificate in the handshake, and then not."""
    with rig.wire("asks_for_client") as wire:
        told, = rig.ask(wire.port, "certificate={pki}/valid.pem", "key={pki}/valid.key")
    assert (told["problem"], told["http_status"]) == ("none", 400), told
    match("SSL certificate error", told["body"])


def not_one_byte_is_heard(rig):
    """The server's own view, decrypted: of a client that does not like its certificate it hears nothing."""
    for name in ("expired", "not_yet", "other_host", "self_signed", "unknown", "name_only", "client_only"):
        with TlsServer(tls_context(rig.pki, name), b"") as server:
            told, = rig.ask(server.port)
        assert told["problem"] != "none", told
        assert server.heard == [b""], (name, server.heard)


def wrong_settings(rig):
    """No request, not even a connection: what is wrong is known before."""
    rows = [
        ("no such file of authorities", None, ["ca_path={pki}/nothing"], "bad_settings", "ca_path"),
        ("a folder without authorities", None, ["ca_path={pki}/issued_none"], "bad_settings", "ca_path"),
        ("authorities that are none", None, ["ca={pki}/config"], "bad_settings", "::ca "),
        ("a key that is not the certificate's", "root", ["certificate={pki}/client.pem", "key={pki}/valid.key"],
         "bad_settings", ""),
        ("a client certificate without a key", "root", ["certificate={pki}/client.pem"], "bad_settings", ""),
        ("a locked key without its password", "root", ["certificate={pki}/client.pem", "key={pki}/client_locked.key"],
         "bad_settings", ""),
    ]
    rig.pki.path("issued_none").mkdir()
    for name, authority, words, problem, said in rows:
        with rig.wire("valid") as wire:
            told, = rig.ask(wire.port, *words, authority=authority)
            assert not wire.connections, name
        assert told["problem"] == problem and not told["secure"], (name, told)
        assert told["error"].startswith("an https URL needs"), (name, told)
        match(said, told["said"])


def plain_http_on_the_tls_port(rig):
    """The address says http: nothing is encrypted, and nginx answers that it should be."""
    with rig.wire("valid") as wire:
        told, = rig.ask(wire.port, "plain=yes", urls=[f"http://{HOST}:{wire.port}/v1"])
    assert told["http_status"] == 400, told
    match("plain HTTP request was sent to HTTPS port", told["body"])


def alert(description, level=2):
    """A record with one, RFC 8446 section 6."""
    return bytes([21, 3, 3, 0, 2, level, description])


def peers_that_speak_something_else(rig):
    rows = [
        ("HTTP", b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "not_tls"),
        ("SSH, which speaks first", b"SSH-2.0-OpenSSH_9.2p1\r\n", "not_tls"),
        ("zeros", bytes(4096), "not_tls"),
        ("a record that is too long", b"\x16\x03\x03\xff\xff" + bytes(4096), "handshake_failed"),
        ("an alert: handshake_failure", alert(40), "no_common_cipher"),
        ("an alert: protocol_version", alert(70), "protocol_version"),
        ("an alert: internal_error", alert(80), "refused_by_server"),
        ("an alert: unrecognized_name", alert(112), "unknown_server_name"),
        ("an alert: no_application_protocol", alert(120), "no_common_protocol"),
        ("an alert: close_notify", alert(0, level=1), "cut_in_handshake"),
        ("nothing at all", b"", "cut_in_handshake"),
    ]
    for name, answer, problem in rows:
        with PlainServer(answer, at_once=name.startswith("SSH")) as server, Wire(server.port) as wire:
            told, = rig.ask(wire.port)
            sent = wire.sent()
        assert told["problem"] == problem, (name, told)
        check_refuses(told, problem, "")
        check_kept_secret(sent)


def stalls(rig):
    """Nothing more comes after so many bytes: handshake_ms ends it."""
    for name, bytes_before in (("at once", 0), ("in the first head", 3), ("in its hello", 60), ("later", 400)):
        with rig.wire("tls12", limit=lambda index: bytes_before, breaks="stall") as wire:  # noqa: B023
            began = time.monotonic()
            told, = rig.ask(wire.port, "handshake_ms=300")
            seconds = time.monotonic() - began
            sent = wire.sent()
        check_refuses(told, "handshake_timeout", "too long")
        check_kept_secret(sent)
        assert 300 <= told["ms"] and seconds < 60, (name, told)


def never_waits_in_poll(rig):
    """A handshake goes on frame by frame, whatever the server does; a poll() that waited would take seconds."""
    longest_ms = 2500 if WRAPPER else 1000  # of a loaded machine
    with rig.wire("with_middle") as wire:
        told, = rig.ask(wire.port, "polls=yes")
    check_streams(told)
    print(f"{told['library']}: the longest poll() of a handshake and an answer took {told['longest_ms']} ms")
    assert told["frames"] >= 3 and told["longest_ms"] < longest_ms, told
    with rig.wire("tls12", limit=lambda index: 400, breaks="stall") as wire:
        told, = rig.ask(wire.port, "polls=yes", "handshake_ms=3000")
    check_refuses(told, "handshake_timeout", "too long")
    assert told["frames"] > 10 and told["longest_ms"] < longest_ms, told


def openssl_agrees(rig):
    """The certificates are what the rows say they are, in the eyes of another library."""
    wanted = {row[1]: True for row in GOOD if row[2] == HOST and len(row) == 3}
    wanted.update({row[1]: False for row in BAD if row[2] == HOST and len(row) == 5})
    context = ssl.create_default_context(cafile=str(rig.pki.path("root.pem")))
    context.hostname_checks_common_name = False
    for name, is_good in wanted.items():
        link = socket.socket(socket.AF_UNIX)
        link.connect(rig.nginx.address(name))
        try:
            context.wrap_socket(link, server_hostname=HOST).close()
            told = None
        except (ssl.SSLError, OSError) as error:
            told = error
        finally:
            link.close()
        assert (told is None) == is_good, f"{name}: {told}"


def main():
    result = Result()
    with Rig(*sys.argv[1:3], SITES) as rig:
        result.run("OpenSSL judges the certificates alike", openssl_agrees, rig)
        for row in GOOD:
            result.run("streams: " + row[0], streams, rig, *row[1:])
        for row in AUTHORITIES:
            result.run("trusts: " + row[0], trusts, rig, *row[1:])
        for row in BAD:
            result.run("refuses: " + row[0], refuses, rig, *row[1:])
        result.run("TLS 1.3 only", tls13_only, rig, result)
        for test in (hello, dates_without_a_clock, client_certificate_missing, client_certificate_missing_by_tls,
                     client_certificate_by_tls, unknown_to_the_server, not_one_byte_is_heard, wrong_settings,
                     plain_http_on_the_tls_port, peers_that_speak_something_else, stalls, never_waits_in_poll):
            result.run(test.__name__.replace("_", " "), test, rig)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
