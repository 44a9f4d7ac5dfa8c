"""Run the sandbox alone, for tests and for curl: `python -m service.sandbox --port 0 --directory D`."""

import argparse
from pathlib import Path

from service.sandbox import PORT
from service.sandbox.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="sandbox", description="A fine-tuning provider for trying things out.")
    parser.add_argument("--directory", type=Path, required=True, help="where files and jobs are kept")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one")
    parser.add_argument("--pace", type=float, default=0.3, help="seconds between two steps of a job")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that a chat answer takes")
    args = parser.parse_args()
    serve(args.directory, host=args.host, port=args.port, pace=args.pace, latency=args.latency)


if __name__ == "__main__":
    main()
