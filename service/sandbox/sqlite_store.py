"""Store files, jobs and models: SQLite for the records, plain files for the bytes."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from service.sandbox.jobs.domain import MAX_CHECKPOINTS, Change, Record
from service.sandbox.wire import Checkpoint, Event, FileObject, Model

SCHEMA = """
CREATE TABLE IF NOT EXISTS files (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, purpose TEXT, body BLOB);
CREATE TABLE IF NOT EXISTS jobs (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, revision INT, due_at REAL,
  body BLOB);
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS metadata (job_id TEXT, key TEXT, value TEXT, PRIMARY KEY (job_id, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS metadata_values ON metadata (key, value);
CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY AUTOINCREMENT, job_id TEXT, body BLOB);
CREATE INDEX IF NOT EXISTS events_of ON events (job_id, seq);
CREATE TABLE IF NOT EXISTS checkpoints (seq INTEGER PRIMARY KEY AUTOINCREMENT, job_id TEXT, body BLOB);
CREATE INDEX IF NOT EXISTS checkpoints_of ON checkpoints (job_id, seq);
CREATE TABLE IF NOT EXISTS models (name TEXT PRIMARY KEY, job_id TEXT, created INT);
"""
MAX_SEQ = 2**62


class Store:
    """The files and jobs of one directory. What a method has written when it returns survives kill -9."""

    def __init__(self, directory: Path) -> None:
        for folder in (directory, directory / "files", directory / "lessons"):
            folder.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._lock_file = (directory / "lock").open("w")
        # Two sandboxes on one directory would both step the same jobs. Raises BlockingIOError when it is taken.
        fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(directory / "sandbox.sqlite", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA secure_delete = ON")  # what is deleted is gone from the file
        self._db.executescript(SCHEMA)
        self._delete_unknown_files()

    def close(self) -> None:
        self._db.close()
        self._lock_file.close()

    def _delete_unknown_files(self) -> None:
        """Delete the bytes of interrupted uploads and of deleted files."""
        known = {row[0] for row in self._db.execute("SELECT id FROM files")}
        for path in (self._directory / "files").iterdir():
            if path.name not in known:
                path.unlink()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, query: str, *parameters: object) -> list[Any]:
        with self._lock:
            return self._db.execute(query, parameters).fetchall()

    # files

    def path(self, file_id: str) -> Path:
        return self._directory / "files" / file_id

    def put(self, path: Path, content: bytes) -> None:
        """Write a small file atomically."""
        temporary = path.with_suffix(".part")
        temporary.write_bytes(content)
        sync_to_disk(temporary)
        temporary.rename(path)
        sync_to_disk(path.parent)

    def add_file(self, file: FileObject) -> None:
        """Register a file whose bytes are at `path(file.id)` already."""
        sync_to_disk(self.path(file.id))
        sync_to_disk(self._directory / "files")
        with self._writing() as db:
            row = (file.id, file.purpose, msgspec.json.encode(file))
            db.execute("INSERT INTO files (id, purpose, body) VALUES (?, ?, ?)", row)

    def file(self, file_id: str) -> FileObject | None:
        rows = self._rows("SELECT body FROM files WHERE id = ?", file_id)
        return msgspec.json.decode(rows[0][0], type=FileObject) if rows else None

    def files(self, *, purpose: str | None, after: str | None, limit: int, newest_first: bool) -> list[FileObject]:
        rows = self._rows(
            f"""SELECT body FROM files WHERE (?1 IS NULL OR purpose = ?1)
                AND (?2 IS NULL OR seq {"<" if newest_first else ">"} (SELECT seq FROM files WHERE id = ?2))
                ORDER BY seq {"DESC" if newest_first else "ASC"} LIMIT ?3""",  # noqa: S608 - two fixed words
            purpose,
            after,
            limit,
        )
        return [msgspec.json.decode(row[0], type=FileObject) for row in rows]

    def delete_file(self, file_id: str) -> None:
        with self._writing() as db:
            db.execute("DELETE FROM files WHERE id = ?", (file_id,))
        self.path(file_id).unlink(missing_ok=True)

    # jobs

    def lessons(self, job_id: str) -> Path:
        return self._directory / "lessons" / f"{job_id}.json"

    def add_job(self, change: Change) -> None:
        job = change.record.job
        with self._writing() as db:
            db.execute("INSERT INTO jobs (id) VALUES (?)", (job.id,))
            pairs = [(job.id, key, value) for key, value in (job.metadata or {}).items()]
            db.executemany("INSERT INTO metadata VALUES (?, ?, ?)", pairs)
            _write(db, change, change.record.revision)

    def save(self, change: Change) -> bool:
        """Write a step. Returns False, and writes nothing, if the job has changed since it was read."""
        job_id, revision = change.record.job.id, change.record.revision
        with self._writing() as db:
            now = db.execute("SELECT revision FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if now is None or now[0] != revision:
                return False
            _write(db, change, revision + 1)
        return True

    def job(self, job_id: str) -> Record | None:
        rows = self._rows("SELECT body FROM jobs WHERE id = ?", job_id)
        return msgspec.json.decode(rows[0][0], type=Record) if rows else None

    def jobs(self, *, after: str | None, limit: int, metadata: Mapping[str, str] | None) -> list[Record]:
        """Newest first. `metadata` None: any; empty: only jobs without metadata."""
        clauses, parameters = ["(?1 IS NULL OR seq < (SELECT seq FROM jobs WHERE id = ?1))"], [after]
        if metadata == {}:
            clauses.append("id NOT IN (SELECT job_id FROM metadata)")
        for key, value in (metadata or {}).items():
            count = len(parameters)
            clauses.append(f"id IN (SELECT job_id FROM metadata WHERE key = ?{count + 1} AND value = ?{count + 2})")  # noqa: S608
            parameters += [key, value]
        query = f"SELECT body FROM jobs WHERE {' AND '.join(clauses)} ORDER BY seq DESC LIMIT {limit:d}"  # noqa: S608
        return [msgspec.json.decode(row[0], type=Record) for row in self._rows(query, *parameters)]

    def due(self, now: float) -> list[Record]:
        rows = self._rows("SELECT body FROM jobs WHERE due_at <= ? ORDER BY due_at LIMIT 100", now)
        return [msgspec.json.decode(row[0], type=Record) for row in rows]

    def events(self, job_id: str, *, before: int = MAX_SEQ, limit: int) -> list[Event]:
        """Newest first."""
        query = "SELECT seq, body FROM events WHERE job_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?"
        return [
            msgspec.structs.replace(msgspec.json.decode(body, type=Event), id=f"ftevent-{seq:024d}")
            for seq, body in self._rows(query, job_id, before, limit)
        ]

    def checkpoints(self, job_id: str, *, before: int = MAX_SEQ, limit: int) -> list[Checkpoint]:
        """Newest first."""
        query = "SELECT seq, body FROM checkpoints WHERE job_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?"
        return [
            msgspec.structs.replace(msgspec.json.decode(body, type=Checkpoint), id=f"ftckpt_{seq:024d}")
            for seq, body in self._rows(query, job_id, before, limit)
        ]

    # models

    def models(self) -> list[Model]:
        rows = self._rows("SELECT name, created FROM models ORDER BY created, name")
        return [Model(id=name, created=created, owned_by="org-sandbox") for name, created in rows]

    def model_job(self, name: str) -> str | None:
        """The id of the job that trained a tuned model."""
        rows = self._rows("SELECT job_id FROM models WHERE name = ?", name)
        return rows[0][0] if rows else None

    def delete_model(self, name: str) -> None:
        with self._writing() as db:
            db.execute("DELETE FROM models WHERE name = ?", (name,))


def sync_to_disk(path: Path) -> None:
    """Flush a file or directory to disk (fsync)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(db: sqlite3.Connection, change: Change, revision: int) -> None:
    record = msgspec.structs.replace(change.record, revision=revision)
    job_id = record.job.id
    db.execute(
        "UPDATE jobs SET revision = ?, due_at = ?, body = ? WHERE id = ?",
        (revision, record.due_at, msgspec.json.encode(record), job_id),
    )
    _append(db, "events", job_id, change.events)
    _append(db, "checkpoints", job_id, change.checkpoints)
    names = [(name, job_id, change.events[0].created_at) for name in change.models]
    db.executemany("INSERT OR IGNORE INTO models VALUES (?, ?, ?)", names)
    checkpoints = db.execute(
        "SELECT seq, body FROM checkpoints WHERE job_id = ? ORDER BY seq DESC", (job_id,)
    ).fetchall()
    for seq, body in checkpoints[MAX_CHECKPOINTS:]:
        name = msgspec.json.decode(body, type=Checkpoint).fine_tuned_model_checkpoint
        db.execute("DELETE FROM checkpoints WHERE seq = ?", (seq,))
        db.execute("DELETE FROM models WHERE name = ?", (name,))


def _append(db: sqlite3.Connection, table: str, job_id: str, rows: Sequence[Event | Checkpoint]) -> None:
    values = [(job_id, msgspec.json.encode(row)) for row in rows]
    db.executemany(f"INSERT INTO {table} (job_id, body) VALUES (?, ?)", values)  # noqa: S608 - two fixed names
