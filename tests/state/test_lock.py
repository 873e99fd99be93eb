"""Who may write: one at a time, whoever is gone makes room, and a person can always get out."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from pinsync.errors import StateError, StateLocked
from pinsync.state import lock as locks
from pinsync.state.lock import Lock
from tests.state.worlds import backend


@pytest.fixture(scope="module")
def gone() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def put(folder: Path, **fields: Any) -> Lock:
    """Somebody's lock in the folder; by default that of this test's parent process, which runs."""
    lock = replace(locks.new_lock("apply"), **{"pid": os.getppid(), **fields})
    file = folder / ".pinsync" / "state.json.lock"
    file.parent.mkdir(exist_ok=True)
    file.write_text(locks.dump(lock))
    return lock


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / ".pinsync").iterdir())


def test_a_lock_names_owner_host_process_time_and_purpose(tmp_path: Path) -> None:
    lock = backend(tmp_path).lock("apply")
    written = json.loads((tmp_path / ".pinsync" / "state.json.lock").read_text())
    assert written == asdict(lock)
    assert (lock.host, lock.pid, lock.purpose) == (socket.gethostname(), os.getpid(), "apply")
    assert lock.since.endswith("+00:00")
    assert files(tmp_path) == ["state.json.lock"]
    assert locks.parse(locks.dump(lock), "x") == lock


def test_a_second_lock_is_refused_and_says_who_holds_the_first_and_the_way_out(tmp_path: Path) -> None:
    holder = backend(tmp_path).lock("apply")
    for found in (backend(tmp_path), backend(tmp_path)):
        with pytest.raises(StateLocked) as caught:
            found.lock("state mv")
        for part in (holder.owner, holder.host, str(holder.pid), holder.since, "pinsync apply"):
            assert part in caught.value.message
        assert f"pinsync state unlock {holder.id}" in caught.value.advice
    assert files(tmp_path) == ["state.json.lock"]


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    found = backend(tmp_path)
    ids = set()
    for _ in range(3):
        lock = found.lock("apply")
        ids.add(lock.id)
        found.release(lock)
        assert files(tmp_path) == []
        found.release(lock)
    assert len(ids) == 3


def test_reading_needs_no_lock(tmp_path: Path) -> None:
    backend(tmp_path).lock("apply")
    assert backend(tmp_path).read().serial == 0


def test_the_lock_of_a_process_that_is_gone_is_taken_over(tmp_path: Path, gone: int) -> None:
    old = put(tmp_path, pid=gone)
    lock = backend(tmp_path).lock("apply")
    assert lock.id != old.id
    assert json.loads((tmp_path / ".pinsync" / "state.json.lock").read_text())["id"] == lock.id


@pytest.mark.parametrize("fields", [{}, {"host": "elsewhere.example"}, {"pid": os.getpid()}, {"pid": 0}, {"pid": -1},
                                    {"pid": 10**30}, {"pid": 1}])  # fmt: skip
def test_a_lock_that_may_be_held_is_not_taken_over(tmp_path: Path, gone: int, fields: dict[str, Any]) -> None:
    if "host" in fields:
        fields = {**fields, "pid": gone}
    holder = put(tmp_path, **fields)
    with pytest.raises(StateLocked, match=holder.host):
        backend(tmp_path).lock("apply")
    assert files(tmp_path) == ["state.json.lock"]


def test_a_process_of_somebody_else_counts_as_running(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int, signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert not locks.owner_is_gone(replace(locks.new_lock("apply"), pid=os.getppid()), Path("lock"))


def test_where_signal_zero_would_interrupt_no_process_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "kill", lambda pid, signal: pytest.fail("on Windows this sends Ctrl-C"))
    file = Path("lock")
    monkeypatch.setattr(locks.os, "name", "nt")
    assert not locks.owner_is_gone(Lock("1", "me", socket.gethostname(), 4242, "", "apply"), file)


def test_unlocking_takes_the_right_id_and_says_whose_it_was(tmp_path: Path) -> None:
    holder = put(tmp_path)
    found = backend(tmp_path)
    with pytest.raises(StateError, match=holder.id) as caught:
        found.unlock("not-the-id")
    assert holder.owner in caught.value.message
    assert files(tmp_path) == ["state.json.lock"]
    assert found.unlock(holder.id) == holder
    with pytest.raises(StateError, match="not locked"):
        found.unlock(holder.id)
    found.lock("apply")


def test_who_lost_the_lock_does_not_release_that_of_another(tmp_path: Path) -> None:
    first = backend(tmp_path)
    lost = first.lock("apply")
    backend(tmp_path).unlock(lost.id)
    second = backend(tmp_path)
    held = second.lock("apply")
    first.release(lost)
    assert json.loads((tmp_path / ".pinsync" / "state.json.lock").read_text())["id"] == held.id


GOOD = asdict(Lock("1", "me", "here", 7, "now", "apply"))


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "null", "[]", "7", '"x"', "{}", "[" * 100_000, "\x00" * 50,
        *(json.dumps({key: value for key, value in GOOD.items() if key != gone}) for gone in list(GOOD)[:6]),
        *(json.dumps({**GOOD, key: None}) for key in GOOD),
        json.dumps({**GOOD, "pid": "7"}), json.dumps({**GOOD, "pid": 7.5}), json.dumps({**GOOD, "id": 1}),
        json.dumps({**GOOD, "more": 1}),
    ],
    ids=range(27),
)  # fmt: skip
def test_a_damaged_lock_is_neither_ignored_nor_a_traceback(tmp_path: Path, text: str) -> None:
    file = tmp_path / ".pinsync" / "state.json.lock"
    file.parent.mkdir()
    file.write_text(text)
    found = backend(tmp_path)
    for act in (lambda: found.lock("apply"), lambda: found.unlock("1")):
        with pytest.raises(StateError, match="damaged") as caught:
            act()
        assert str(file) in caught.value.message
        assert "remove" in caught.value.advice
    assert file.read_text() == text
    assert files(tmp_path) == ["state.json.lock"]


def test_a_lock_that_is_no_text_is_damaged_too(tmp_path: Path) -> None:
    file = tmp_path / ".pinsync" / "state.json.lock"
    file.parent.mkdir()
    file.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(StateError, match="damaged") as caught:
        backend(tmp_path).lock("apply")
    assert "remove" in caught.value.advice


def test_a_user_without_a_name_can_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert locks.new_lock("apply").owner


HOLDER = """
import os, sys
from pathlib import Path
from pinsync.state.backends.local import LocalBackend

LocalBackend(Path(sys.argv[1]) / ".pinsync" / "state.json").lock("apply")
print("locked", flush=True)
sys.stdin.readline()
os._exit(1)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until it is told to die."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    with process:
        yield process
        process.kill()


def renumber(folder: Path, pid: int) -> None:
    """The lock as if its owner had another process id."""
    file = folder / ".pinsync" / "state.json.lock"
    with file.open("r+", encoding="utf-8") as stream:  # the same file: it is what the system's lock is on
        fields = {**json.load(stream), "pid": pid}
        stream.seek(0)
        stream.truncate()
        json.dump(fields, stream)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
@pytest.mark.parametrize("reused", [True, False])
def test_a_reused_process_id_neither_keeps_a_dead_lock_nor_breaks_a_live_one(
    tmp_path: Path, holder: subprocess.Popen[str], gone: int, reused: bool
) -> None:
    renumber(tmp_path, gone)
    with pytest.raises(StateLocked):
        backend(tmp_path).lock("apply")
    renumber(tmp_path, os.getpid() if reused else gone)
    holder.kill()
    holder.wait()
    backend(tmp_path).lock("apply")


class Waiting:
    """Time that passes only by waiting, and what was said meanwhile."""

    def __init__(self, folder: Path, lock: Lock, free_after: float) -> None:
        self.slept, self.said = 0.0, list[str]()
        self._folder, self._lock, self._free_after = folder, lock, free_after

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        if self.slept >= self._free_after:
            (self._folder / ".pinsync" / "state.json.lock").unlink(missing_ok=True)


def test_who_has_patience_gets_the_lock_when_it_is_free(tmp_path: Path) -> None:
    held = backend(tmp_path).lock("apply")
    waiting = Waiting(tmp_path, held, free_after=3)
    lock = locks.take(backend(tmp_path), "apply", 10, waiting.said.append, waiting.sleep)
    assert lock.id != held.id
    assert 3 <= waiting.slept < 4
    (said,) = waiting.said
    assert held.owner in said
    assert "10 seconds" in said


@pytest.mark.parametrize("patience", [0, 2.5])
def test_who_has_waited_long_enough_is_told_who_holds_it(tmp_path: Path, patience: float) -> None:
    held = backend(tmp_path).lock("apply")
    waiting = Waiting(tmp_path, held, free_after=100)
    with pytest.raises(StateLocked, match=held.host):
        locks.take(backend(tmp_path), "apply", patience, waiting.said.append, waiting.sleep)
    assert waiting.slept == pytest.approx(patience)
    assert len(waiting.said) == (patience > 0)


RACER = """
import os, sys
from pathlib import Path
from pinsync.errors import StateLocked
from pinsync.state import journal
from pinsync.state.backends.local import LocalBackend

folder, name = Path(sys.argv[1]), sys.argv[2]
backend = LocalBackend(folder / ".pinsync" / "state.json")
print("ready", flush=True)
sys.stdin.readline()
while True:
    try:
        lock = backend.lock("apply")
        break
    except StateLocked:
        os.sched_yield()
os.close(os.open(folder / "inside", os.O_CREAT | os.O_EXCL))  # fails where another one is inside
backend.record(journal.note_existing({name: "1"}))
backend.fold()
os.unlink(folder / "inside")
backend.release(lock)
"""


@pytest.mark.skipif(not hasattr(os, "sched_yield"), reason="the racers give way by sched_yield")
def test_twenty_processes_that_race_for_a_dead_lock_get_it_one_at_a_time(tmp_path: Path, gone: int) -> None:
    put(tmp_path, pid=gone)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(tmp_path), str(number)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(20)
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        _, errors = racer.communicate()
        assert (racer.returncode, errors) == (0, "")
    state = backend(tmp_path).read()
    assert state.serial == 20
    assert set(state.existing) == {str(number) for number in range(20)}
    assert files(tmp_path) == ["state.json", "state.json.backup"]
