"""Store chat completions with their metadata, so that a client can find what it has paid for."""

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

SCHEMA = """
CREATE TABLE IF NOT EXISTS completions (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, model TEXT, body BLOB);
CREATE TABLE IF NOT EXISTS completion_metadata (completion_id TEXT, key TEXT, value TEXT,
  PRIMARY KEY (completion_id, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS completion_values ON completion_metadata (key, value);
"""


class StoredCompletions:
    """What `add` has written when it returns survives kill -9. The Store holds the directory's lock."""

    def __init__(self, directory: Path) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(directory / "completions.sqlite", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA secure_delete = ON")  # what is deleted is gone from the file
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()

    def add(self, completion: Mapping[str, Any]) -> None:
        pairs = [(completion["id"], key, value) for key, value in (completion["metadata"] or {}).items()]
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            row = (completion["id"], completion["model"], msgspec.json.encode(completion))
            self._db.execute("INSERT INTO completions (id, model, body) VALUES (?, ?, ?)", row)
            self._db.executemany("INSERT INTO completion_metadata VALUES (?, ?, ?)", pairs)

    def find(self, completion_id: str) -> dict[str, Any] | None:
        rows = self._rows("SELECT body FROM completions WHERE id = ?", completion_id)
        return msgspec.json.decode(rows[0][0], type=dict[str, Any]) if rows else None

    def list(
        self,
        *,
        model: str | None,
        metadata: Mapping[str, str] | None,
        after: str | None,
        limit: int,
        newest_first: bool,
    ) -> Sequence[dict[str, Any]]:
        """List completions. `metadata` None: any; empty: only those without metadata."""
        comparison, order = ("<", "DESC") if newest_first else (">", "ASC")
        clauses = [
            "(?1 IS NULL OR model = ?1)",
            f"(?2 IS NULL OR seq {comparison} (SELECT seq FROM completions WHERE id = ?2))",  # noqa: S608 - a fixed sign
        ]
        parameters: list[object] = [model, after]
        if metadata == {}:
            clauses.append("id NOT IN (SELECT completion_id FROM completion_metadata)")
        for key, value in (metadata or {}).items():
            pair = f"key = ?{len(parameters) + 1} AND value = ?{len(parameters) + 2}"
            clauses.append(f"id IN (SELECT completion_id FROM completion_metadata WHERE {pair})")  # noqa: S608
            parameters += [key, value]
        query = f"SELECT body FROM completions WHERE {' AND '.join(clauses)} ORDER BY seq {order} LIMIT {limit:d}"  # noqa: S608
        return [msgspec.json.decode(row[0], type=dict[str, Any]) for row in self._rows(query, *parameters)]

    def delete(self, completion_id: str) -> None:
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM completion_metadata WHERE completion_id = ?", (completion_id,))
            self._db.execute("DELETE FROM completions WHERE id = ?", (completion_id,))
        with self._lock:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log has what was deleted, until it is emptied

    def _rows(self, query: str, *parameters: object) -> Sequence[Any]:
        with self._lock:
            return self._db.execute(query, parameters).fetchall()
