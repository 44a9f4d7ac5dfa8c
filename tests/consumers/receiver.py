"""A receiver of webhooks as somebody would write it, to be killed: `receiver.py PORT DIRECTORY`.

What comes to /NAME is verified with the secret in DIRECTORY/NAME.secret, and is a line of DIRECTORY/NAME before it is
answered. What comes again is a line of DIRECTORY/NAME.again.
"""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError

PORT, DIRECTORY = int(sys.argv[1]), Path(sys.argv[2])


class Book:
    """A line is written at once, so that the kernel has it when this process dies. Half a line was not answered for."""

    def __init__(self, name: str) -> None:
        self.webhook = Webhook((DIRECTORY / f"{name}.secret").read_text())
        self.lock = threading.Lock()
        self.file = (DIRECTORY / name).open("a+b", buffering=0)
        self.file.seek(0)
        whole = self.file.read().rpartition(b"\n")[0]
        self.file.truncate(len(whole) + 1 if whole else 0)
        self.seen = {line.split()[0].decode() for line in whole.splitlines()}
        self.again = (DIRECTORY / f"{name}.again").open("ab", buffering=0)

    def take(self, id_: str, seq: int, stream: str) -> None:
        with self.lock:
            file = self.again if id_ in self.seen else self.file
            file.write(f"{id_} {seq} {stream}\n".encode())
            self.seen.add(id_)


BOOKS = {f"/{path.stem}": Book(path.stem) for path in DIRECTORY.glob("*.secret")}


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        book, body = BOOKS[self.path], self.rfile.read(int(self.headers["content-length"]))
        try:
            message = book.webhook.verify(body, dict(self.headers.items()))
        except WebhookVerificationError:
            self.send_error(401)
            return
        book.take(self.headers["webhook-id"], message["data"]["seq"], message["data"]["id"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
