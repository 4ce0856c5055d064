"""An HTTP server, and OTLP/HTTP receiver, with TLS and its own certificate authority.

  tls_server.py FOLDER [mutual]

Creates with openssl, in FOLDER: ca.pem, server.pem and server.key for 127.0.0.1, client.pem and client.key, and other-ca.pem,
which signed none of them. Then prints the port it listens on and answers until its standard input ends:

  /echo      what it received of the request
  /hello     hello
  /large     5,000,000 bytes
  /interim   103, then 200
  /drop      200, then closes the connection without having said so
  /lose      nothing: takes the whole request and closes the connection
  /lose-once as that, every other time; else hello
  /vanish    nothing: listens no more, and closes the connection
  /wait      nothing until the client closes the connection
  /nonsense  something that is not HTTP
  /http2     the beginning of HTTP/2
  /state     the number of connections so far, of requests that were lost, and of those that wait

Any other POST gets an empty 200.
With `mutual` it only accepts clients with a certificate from its authority.
"""

import http.server
import pathlib
import ssl
import subprocess
import sys
import threading


# Made in a moment, unlike a key of RSA.
KEY = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_authority(folder, name):
    openssl(folder, "req", "-x509", "-newkey", *KEY, "-nodes", "-days", "36500", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.pem")


def make_certificate(folder, name, extension):
    openssl(folder, "req", "-newkey", *KEY, "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    (folder / f"{name}.ext").write_text(extension)
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "36500", "-extfile", f"{name}.ext", "-out", f"{name}.pem")


counts = {"connections": 0, "lost": 0, "waiting": 0}
lock = threading.Lock()


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together.
    wbufsize = -1

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        name = self.path.split("?")[0].strip("/")
        {
            "hello": lambda: self.answer(b"hello"), "large": lambda: self.answer(b"\7" * 5_000_000),
            "echo": lambda: self.echo(body), "interim": self.interim, "drop": self.drop, "wait": self.wait,
            "nonsense": lambda: self.say(b"250 ready when you are\r\n\r\n"),
            "http2": lambda: self.say(b"\0\0\0\4\0\0\0\0\0"), "state": self.state, "lose": self.lose,
            "lose-once": self.lose_once, "vanish": self.vanish,
        }.get(name, self.receive)()

    do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_LOCK = do_POST

    def answer(self, body, fields=()):
        self.send_response(200)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def echo(self, body):
        fields = {"x-method": self.command, "x-path": self.path}
        for name in ("content-type", "content-length", "user-agent", "x-header", "x-empty", "expect", "authorization"):
            fields["x-got-" + name] = self.headers.get(name, "none")
        self.answer(body, fields.items())

    def say(self, bytes):
        self.wfile.write(bytes)
        self.close_connection = True

    def interim(self):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n")
        self.answer(b"final", [("x-final", "yes")])

    def drop(self):
        self.answer(b"dropped")
        self.close_connection = True

    def lose(self):
        with lock:
            counts["lost"] += 1
        self.close_connection = True

    def lose_once(self):
        self.lose()
        if counts["lost"] % 2 == 0:
            self.close_connection = False
            self.answer(b"hello")

    def vanish(self):
        self.server.shutdown()
        self.server.server_close()
        self.close_connection = True

    def wait(self):
        with lock:
            counts["waiting"] += 1
        try:
            self.rfile.read(1)
        except OSError:
            pass
        with lock:
            counts["waiting"] -= 1
        self.close_connection = True

    def state(self):
        with lock:
            self.answer(f"{counts['connections']} {counts['lost']} {counts['waiting']}".encode())

    def receive(self):
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
    request_queue_size = 128

    def handle_error(self, request, client_address):
        # A client that leaves in the middle is no news.
        pass

    def finish_request(self, request, client_address):
        # In the connection's own thread: a rejected client must not end the server.
        try:
            request = self.context.wrap_socket(request, server_side=True)
        except (ssl.SSLError, OSError):
            return
        with lock:
            counts["connections"] += 1
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
