"""A server of files, which may be put as Google and Azure do, and of the Hub's answers about a dataset."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote


class FileServer:
    """`files` by path; a text is where it redirects to, a number the status. `asked` are paths with their headers."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | str | int] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.url = ""


@contextmanager
def serve_files() -> Iterator[FileServer]:
    server = FileServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append((self.path, dict(self.headers.items())))
            found = server.files.get(unquote(self.path.partition("?")[0]), 404)
            status = 200 if isinstance(found, bytes) else 302 if isinstance(found, str) else found
            self.send_response(status)
            if isinstance(found, str):
                self.send_header("Location", found)
            body = found if isinstance(found, bytes) else b""
            if body.startswith(b"\x1f\x8b"):
                self.send_header("Content-Encoding", "gzip")
            self.send_header("ETag", '"tag"')
            self.send_header("Last-Modified", "Mon, 30 Nov 2026 12:00:00 GMT")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_PUT(self) -> None:
            server.asked.append((self.path, dict(self.headers.items())))
            content = self.rfile.read(int(self.headers["Content-Length"]))
            server.files[unquote(self.path.partition("?")[0])] = content
            self.send_response(201)
            self.send_header("ETag", '"tag"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
