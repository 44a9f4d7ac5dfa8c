"""A consumer of the event stream as somebody would write it, to be killed: `follower.py FILE`.

What it has seen is its place: a line an event, and the last whole line is where it goes on.
"""

import sys
from pathlib import Path

from tuneledger import Tuneledger


def follow(path: Path) -> None:
    with path.open("a+b", buffering=0) as file, Tuneledger() as client:
        file.seek(0)
        whole = file.read().rpartition(b"\n")[0]
        file.truncate(len(whole) + 1 if whole else 0)
        place = whole.rpartition(b"\n")[2].decode() or "0"
        for event in client.events.stream(last_event_id=place):
            file.write(b"%d\n" % event.seq)


follow(Path(sys.argv[1]))
