"""An OTLP/HTTP receiver with TLS and its own certificate authority.

  tls_server.py FOLDER [mutual]

Creates with openssl, in FOLDER: ca.pem, server.pem and server.key for 127.0.0.1, client.pem and client.key, and other-ca.pem,
which signed none of them. Then prints the port it listens on and answers every POST with 200 until its standard input ends.
With `mutual` it only accepts clients with a certificate from its authority.
"""

import http.server
import pathlib
import ssl
import subprocess
import sys
import threading


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_authority(folder, name):
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "36500", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.pem")


def make_certificate(folder, name, extension):
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    (folder / f"{name}.ext").write_text(extension)
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "36500", "-extfile", f"{name}.ext", "-out", f"{name}.pem")


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", "0")))
        subject = dict(part[0] for part in (self.connection.getpeercert() or {}).get("subject", ()))
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("x-client", subject.get("commonName", "nobody"))
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def finish_request(self, request, client_address):
        # In the connection's own thread: a rejected client must not end the server.
        try:
            request = self.context.wrap_socket(request, server_side=True)
        except (ssl.SSLError, OSError):
            return
        super().finish_request(request, client_address)


def main():
    folder = pathlib.Path(sys.argv[1])
    for name in ("ca", "other-ca"):
        make_authority(folder, name)
    make_certificate(folder, "server", "subjectAltName=IP:127.0.0.1\n")
    make_certificate(folder, "client", "extendedKeyUsage=clientAuth\n")
    server = Server(("127.0.0.1", 0), Receiver)
    server.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "ca.pem")
    server.context.load_cert_chain(folder / "server.pem", folder / "server.key")
    if "mutual" in sys.argv[2:]:
        server.context.verify_mode = ssl.CERT_REQUIRED
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


main()
