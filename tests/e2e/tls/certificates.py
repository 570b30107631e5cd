"""Certificates for the tests of https, made by the openssl program while the test runs; nothing of it is kept.

    NAME.pem   a certificate, for a server with those of its issuers that it sends
    NAME.key   its key
"""
import base64
import datetime
import hashlib
import pathlib
import subprocess

HOST = "api.openai.com"
LONG_AGO = ("20200101000000Z", "20210203040506Z")
FAR_AHEAD = ("20400506070809Z", "20490101000000Z")

_CONFIG = """
[ca]
default_ca = any
[any]
database = {folder}/index
new_certs_dir = {folder}/issued
rand_serial = yes
unique_subject = no
default_md = sha256
policy = policy
[policy]
commonName = supplied
[req]
distinguished_name = name
[name]
"""

AUTHORITY = ["basicConstraints = critical, CA:TRUE", "keyUsage = critical, keyCertSign, cRLSign"]


def names(*alternatives):
    """The extensions of a server's certificate with these names, such as "DNS:host" and "IP:address"."""
    return ["basicConstraints = CA:FALSE", "subjectAltName = " + ", ".join(alternatives)]


def _near():
    """From yesterday to in three years."""
    now = datetime.datetime.now(datetime.timezone.utc)
    days = (now + datetime.timedelta(days=-1), now + datetime.timedelta(days=1000))
    return tuple(day.strftime("%Y%m%d%H%M%SZ") for day in days)


class Certificates:
    """A folder of certificates: each call makes one."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        (self.folder / "issued").mkdir()
        self.path("index").touch()
        self.path("config").write_text(_CONFIG.format(folder=self.folder), encoding="ascii")

    def path(self, name):
        return self.folder / name

    def openssl(self, *words):
        done = subprocess.run(["openssl", *map(str, words)], capture_output=True, check=False, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"openssl {words}: {done.stderr.decode()}"
        return done.stdout

    def make(self, name, extensions, issuer=None, common_name=None, dates=None, key="ec", digest="sha256", sends=()):
        """Without an issuer it signs itself. `sends`: the certificates a server sends after it."""
        kind = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if key == "ec" else [key]
        certificate, secret = self.path(name + ".pem"), self.path(name + ".key")
        request, extra = self.path(name + ".request"), self.path(name + ".extensions")
        extra.write_text("\n".join(extensions) + "\n", encoding="ascii")
        config = ["-config", self.path("config")]
        self.openssl("req", "-new", *config, "-newkey", *kind, "-nodes", "-keyout", secret, "-out", request,
                     "-subj", "/CN=" + (common_name or name))
        begins, ends = dates or _near()
        signer = ["-cert", self.path(issuer + ".pem"), "-keyfile", self.path(issuer + ".key")] if issuer else [
            "-selfsign", "-keyfile", secret]
        self.openssl("ca", "-batch", "-notext", *config, *signer, "-md", digest, "-in", request, "-out", certificate,
                     "-extfile", extra, "-startdate", begins, "-enddate", ends)
        chain = [certificate] + [self.path(other + ".pem") for other in sends]
        certificate.write_bytes(b"".join(part.read_bytes() for part in chain))

    def pin(self, name):
        """The SHA-256 of the public key, SubjectPublicKeyInfo, as hexadecimal digits."""
        pem = self.openssl("x509", "-in", self.path(name + ".pem"), "-noout", "-pubkey").decode()
        return hashlib.sha256(base64.b64decode("".join(pem.splitlines()[1:-1]))).hexdigest()

    def der(self, name):
        """Writes NAME.der, the first certificate as DER."""
        self.openssl("x509", "-in", self.path(name + ".pem"), "-outform", "DER", "-out", self.path(name + ".der"))


def _with_nul():
    """The name "api.openai.com\\0.evil.example" as a subjectAltName, which no tool writes."""
    name = HOST.encode() + b"\0.evil.example"
    general = bytes([0x82, len(name)]) + name
    return "subjectAltName = DER:" + (bytes([0x30, len(general)]) + general).hex(":")


def make_all(folder):
    """Everything the tests ask for. The client trusts "root"; "unknown_root" and its like it does not."""
    made = Certificates(folder)
    host = names("DNS:" + HOST)
    made.make("root", AUTHORITY, common_name="Test Root", dates=(LONG_AGO[0], FAR_AHEAD[1]))
    made.make("unknown_root", AUTHORITY, common_name="Unknown Root")
    made.make("middle", AUTHORITY, "root", common_name="Test Intermediate")
    made.make("old_middle", AUTHORITY, "root", common_name="Expired Intermediate", dates=LONG_AGO)

    made.make("valid", host, "root")
    made.make("rsa", host, "root", key="rsa:2048")
    made.make("rsa_root", AUTHORITY, key="rsa:2048")
    made.make("rsa_only", host, "rsa_root", key="rsa:2048")
    made.make("with_middle", host, "middle", sends=["middle"])
    made.make("without_middle", host, "middle")
    made.make("wildcard", names("DNS:*.openai.com"), "root")
    made.make("address", names("IP:127.0.0.1", "IP:::1"), "root")
    made.make("many_names", names("DNS:one.example", "DNS:two.example", "DNS:" + HOST), "root")

    made.make("expired", host, "root", dates=LONG_AGO)
    made.make("not_yet", host, "root", dates=FAR_AHEAD)
    made.make("old_chain", host, "old_middle", sends=["old_middle"])
    made.make("other_host", names("DNS:other.example", "DNS:www.other.example"), "root")
    made.make("name_only", ["basicConstraints = CA:FALSE"], "root", common_name=HOST)
    made.make("name_and_other", names("DNS:other.example"), "root", common_name=HOST)
    made.make("top_wildcard", names("DNS:*.com"), "root")
    made.make("half_wildcard", names("DNS:a*.openai.com"), "root")
    made.make("address_as_name", names("DNS:127.0.0.1"), "root")
    made.make("nul", ["basicConstraints = CA:FALSE", _with_nul()], "root")
    made.make("self_signed", host)
    made.make("unknown", host, "unknown_root")
    made.make("signed_by_leaf", host, "valid", sends=["valid"])
    made.make("client_only", host + ["extendedKeyUsage = clientAuth"], "root")
    made.make("small_rsa", host, "root", key="rsa:1024")
    made.make("sha1", host, "root", digest="sha1")
    made.make("expired_and_other", names("DNS:other.example"), "unknown_root", dates=LONG_AGO)

    made.make("client_root", AUTHORITY, common_name="Client Root")
    made.make("client", ["extendedKeyUsage = clientAuth"], "client_root", common_name="A Client")
    made.openssl("pkey", "-in", made.path("client.key"), "-traditional", "-aes256", "-passout", "pass:secret words",
                 "-out", made.path("client_locked.key"))
    made.der("root")
    made.path("bundle.pem").write_bytes(b"".join(made.path(name + ".pem").read_bytes()
                                                 for name in ("unknown_root", "client_root", "root")))
    store = made.path("store")
    store.mkdir()
    for name in ("unknown_root", "root"):
        (store / (name + ".pem")).write_bytes(made.path(name + ".pem").read_bytes())
    return made
