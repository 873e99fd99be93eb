"""The one SQLite file of everything but videos: its tables, transactions and the supply of ids.

Every access goes through one connection and one lock. Writes are committed before the answer leaves and survive a kill
of the process (write-ahead log, synchronous NORMAL; only a loss of power could take the last of them).
"""

from __future__ import annotations

import random
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "emulator.sqlite3"
_FIRST_ID = 813_744_226_400_000_000
_LARGEST_ID = 2**63 - 1

_TABLES = """
CREATE TABLE ids (last INTEGER NOT NULL);

CREATE TABLE boards (
  id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  username TEXT NOT NULL,
  name TEXT NOT NULL,
  folded TEXT NOT NULL,
  description TEXT,
  privacy TEXT NOT NULL,
  is_ads_only INTEGER NOT NULL DEFAULT 0,
  created_at REAL NOT NULL,
  pins_modified_at REAL NOT NULL,
  UNIQUE (account_id, folded)
);

CREATE TABLE sections (
  id INTEGER PRIMARY KEY,
  board_id INTEGER NOT NULL REFERENCES boards ON DELETE CASCADE,
  name TEXT NOT NULL,
  folded TEXT NOT NULL,
  created_at REAL NOT NULL,
  UNIQUE (board_id, folded)
);

CREATE TABLE pictures (
  sha256 TEXT PRIMARY KEY,
  content_type TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  dominant_color TEXT NOT NULL,
  data BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE renditions (
  sha256 TEXT NOT NULL REFERENCES pictures ON DELETE CASCADE,
  size TEXT NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (sha256, size)
) WITHOUT ROWID;

CREATE TABLE pins (
  id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  board_id INTEGER NOT NULL REFERENCES boards ON DELETE CASCADE,
  section_id INTEGER REFERENCES sections ON DELETE CASCADE,
  title TEXT,
  description TEXT,
  link TEXT,
  alt_text TEXT,
  dominant_color TEXT NOT NULL,
  media_type TEXT NOT NULL,
  creative_type TEXT NOT NULL,
  is_standard INTEGER NOT NULL,
  parent_pin_id INTEGER,
  created_at REAL NOT NULL
);
CREATE INDEX pins_of_board ON pins (board_id, id);
CREATE INDEX pins_of_section ON pins (section_id, id);

CREATE TABLE slots (
  pin_id INTEGER NOT NULL REFERENCES pins ON DELETE CASCADE,
  place INTEGER NOT NULL,
  sha256 TEXT NOT NULL REFERENCES pictures,
  title TEXT,
  description TEXT,
  link TEXT,
  PRIMARY KEY (pin_id, place)
) WITHOUT ROWID;

CREATE TABLE usage (
  subject TEXT NOT NULL,
  category TEXT NOT NULL,
  seconds REAL NOT NULL,
  started REAL NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (subject, category, seconds)
) WITHOUT ROWID;
"""

_TOKENS = """
CREATE TABLE tokens (
  sha256 TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  chain TEXT NOT NULL,
  scopes TEXT NOT NULL,
  redirect_uri TEXT,
  expires_at REAL NOT NULL,
  used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX tokens_of_chain ON tokens (chain);
"""

_MEDIA = """
CREATE TABLE storage (secret TEXT NOT NULL);
INSERT INTO storage VALUES (hex(randomblob(32)));

CREATE TABLE media (
  id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE,
  registered_at REAL NOT NULL,
  uploaded_at REAL,
  size INTEGER NOT NULL DEFAULT 0,
  width INTEGER NOT NULL DEFAULT 0,
  height INTEGER NOT NULL DEFAULT 0,
  seconds REAL NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '',
  used INTEGER NOT NULL DEFAULT 0
);
ALTER TABLE pins ADD COLUMN media_id INTEGER
"""

# What each format added to the one before.
_FORMATS = (_TABLES, _TOKENS, _MEDIA)
VERSION = len(_FORMATS)


class StoreError(Exception):
    """The data folder cannot be used; the message says why."""


class Store:
    """An open store. Safe to use from several threads."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        """Opens or creates the store in ``folder``. StoreError where a newer pinsync wrote it."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._seed = seed
        self._db = sqlite3.connect(folder / FILE, check_same_thread=False, isolation_level=None, timeout=30)
        # An app used in process has no shutdown to close it in.
        self._closing = weakref.finalize(self, self._db.close)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        try:
            self._prepare(folder)
        except BaseException:
            self.close()
            raise

    def _prepare(self, folder: Path) -> None:
        with self.writing() as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise StoreError(f"{folder / FILE} was written by a newer pinsync (format {version}, not {VERSION})")
            for statements in _FORMATS[version:]:
                for statement in statements.split(";"):
                    db.execute(statement)
            if version == 0:
                db.execute("INSERT INTO ids VALUES (?)", (_FIRST_ID,))
            db.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for reading one consistent state."""
        with self._lock:
            self._db.execute("BEGIN")
            try:
                yield self._db
            finally:
                self._db.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection in a transaction: committed at the end, undone where an exception leaves it."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def new_id(self, db: sqlite3.Connection) -> int:
        """The next id: larger than all before, by a step nobody should rely on. Needs a writing transaction."""
        last: int = db.execute("SELECT last FROM ids").fetchone()[0]
        step = random.Random(f"{self._seed}/{last}").randrange(1_000, 9_999_999)  # noqa: S311 - repeatable on purpose
        db.execute("UPDATE ids SET last = ?", (last + step,))
        return last + step

    def close(self) -> None:
        """Closes the file; nothing may be read or written afterwards."""
        with self._lock:
            self._closing()


def row_id(text: str | None) -> int:
    """An id of the API as a row id; one that no row has where ``text`` is not an id at all."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 19:
        return -1
    number = int(text)
    return number if number <= _LARGEST_ID else -1
