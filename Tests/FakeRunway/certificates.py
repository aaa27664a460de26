"""A certificate authority and a server certificate for one run, made by the openssl command."""

import os
import subprocess

LEAF = "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def openssl(folder, *arguments):
    try:
        done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SystemExit("https needs the openssl command; install openssl, or leave out --tls") from None
    if done.returncode != 0:
        raise SystemExit(f"openssl {arguments[0]} failed: {done.stderr.strip()}")


def make(folder):
    """The paths of the CA's certificate, the server's certificate and its key, in `folder`."""
    with open(os.path.join(folder, "leaf.ext"), "w", encoding="ascii") as file:
        file.write(LEAF)
    openssl(
        folder, "req", "-x509", *CURVE, "-days", "2", "-subj", "/CN=FakeRunway of one run", "-keyout", "ca.key",
        "-out", "ca.pem", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl(folder, "req", "-new", *CURVE, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    openssl(
        folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", "2", "-extfile", "leaf.ext", "-out", "server.pem")
    return tuple(os.path.join(folder, name) for name in ("ca.pem", "server.pem", "server.key"))
