"""State on disk: nothing that was recorded is lost, wherever the process or the disk gives up."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

import pytest

from pinsync.errors import StateError
from pinsync.state import journal
from pinsync.state.backends.local import LocalBackend
from pinsync.state.document import State
from tests.state.worlds import Crash, backend, contents, failing_at, fill, known, pending, settled


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / ".pinsync").iterdir())


def test_a_state_that_never_was_is_empty_and_reading_it_leaves_no_trace(tmp_path: Path) -> None:
    state = backend(tmp_path).read()
    assert (state.serial, contents(state)) == (0, ("", {}, {}, {}))
    assert list(tmp_path.iterdir()) == []
    assert backend(tmp_path).read() == state, "a plan saved from it must still fit when it is applied"


def test_records_are_read_back_before_and_after_folding(tmp_path: Path) -> None:
    records = [*settled(3), journal.begin("pin.x", pending()), journal.note_environment("sandbox")]
    fill(tmp_path, *records)
    before = backend(tmp_path).read()
    assert set(before.resources) == {"pin.p1", "pin.p2", "pin.p3"}
    assert before.pending == {"pin.x": pending()}
    assert before.serial == 0
    assert before.lineage
    folded = fill(tmp_path, fold=True).read()
    assert contents(folded) == contents(before)
    assert (folded.serial, folded.lineage) == (1, before.lineage)
    assert names(tmp_path) == ["state.json"]


def test_the_lineage_stays_and_the_serial_counts_folds_with_changes(tmp_path: Path) -> None:
    serials, lineages = [], set()
    for number in range(4):
        fill(tmp_path, *settled(number % 2, number), fold=True)
        state = backend(tmp_path).read()
        serials.append(state.serial)
        lineages.add(state.lineage)
    assert serials == [0, 1, 1, 2]
    assert len(lineages - {""}) == 1


def test_folding_returns_what_is_read_afterwards(tmp_path: Path) -> None:
    found = fill(tmp_path, *settled(2))
    lock = found.lock("apply")
    assert found.fold() == found.read() == backend(tmp_path).read()
    found.record(settled(1, 5)[0])
    assert set(found.fold().resources) == {"pin.p1", "pin.p2", "pin.p5"}
    found.release(lock)


def test_recording_goes_on_after_a_fold_and_after_a_release(tmp_path: Path) -> None:
    found = backend(tmp_path)
    for number in range(3):
        lock = found.lock("apply")
        found.record(settled(1, 2 * number)[0])
        found.fold()
        found.record(settled(1, 2 * number + 1)[0])
        found.release(lock)
    assert set(backend(tmp_path).read().resources) == {f"pin.p{number}" for number in range(6)}


def test_a_journal_that_was_folded_already_is_not_replayed(tmp_path: Path) -> None:
    file = tmp_path / ".pinsync" / "state.json.journal"
    fill(tmp_path, *settled(2), journal.begin("pin.x", pending()))
    old = file.read_bytes()
    fill(tmp_path, journal.forget("pin.p1"), journal.abandon("pin.x"), fold=True)
    file.write_bytes(old)
    assert set(backend(tmp_path).read().resources) == {"pin.p2"}
    assert backend(tmp_path).read().pending == {}
    fill(tmp_path, *settled(1, 9))
    assert set(backend(tmp_path).read().resources) == {"pin.p2", "pin.p9"}
    assert old.splitlines()[1] not in file.read_bytes()


def test_a_missing_snapshot_is_not_an_empty_state(tmp_path: Path) -> None:
    fill(tmp_path, *settled(2), fold=True)
    fill(tmp_path, *settled(1, 3))
    (tmp_path / ".pinsync" / "state.json").unlink()
    found = backend(tmp_path)
    for act in (found.read, found.fold, lambda: found.record(settled(1)[0])):
        with pytest.raises(StateError, match="is missing, but its journal is there") as caught:
            act()
        assert "recover" in caught.value.advice


def test_an_old_snapshot_under_a_newer_journal_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".pinsync" / "state.json"
    fill(tmp_path, *settled(1), fold=True)
    old = file.read_bytes()
    fill(tmp_path, *settled(1, 2), fold=True)
    fill(tmp_path, *settled(1, 3))
    file.write_bytes(old)
    with pytest.raises(StateError, match=r"is of an older time \(serial 1\)") as caught:
        backend(tmp_path).read()
    assert "recover" in caught.value.advice


def test_a_journal_of_another_state_is_refused(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    fill(one, *settled(1), fold=True)
    fill(other, *settled(1), fold=True)
    fill(other, *settled(1, 2))
    shutil.copy(other / ".pinsync" / "state.json.journal", one / ".pinsync" / "state.json.journal")
    with pytest.raises(StateError, match="belongs to another state") as caught:
        backend(one).read()
    assert caught.value.advice


def test_an_empty_journal_is_no_journal(tmp_path: Path) -> None:
    fill(tmp_path, *settled(1), fold=True)
    (tmp_path / ".pinsync" / "state.json.journal").touch()
    assert set(backend(tmp_path).read().resources) == {"pin.p1"}
    fill(tmp_path, *settled(1, 2), fold=True)
    assert set(backend(tmp_path).read().resources) == {"pin.p1", "pin.p2"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_everything_on_disk_is_for_its_owner_only_at_every_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, int] = {}
    monkeypatch.setattr(os, "fsync", lambda handle: look())

    def look() -> None:
        for path in (tmp_path / ".pinsync").iterdir():
            seen[path.name.rstrip("0123456789abcdef")] = seen.get(path.name, 0) | stat.S_IMODE(path.stat().st_mode)

    before = os.umask(0)
    try:
        found = backend(tmp_path)
        lock = found.lock("apply")
        for record in settled(3):
            found.record(record)
            look()
        found.fold()
        found.record(settled(1)[0])
        look()
        found.release(lock)
    finally:
        os.umask(before)
    assert set(seen.values()) == {0o600}
    assert len(seen) >= 4, "snapshot, its temporary file, journal and lock"
    assert stat.S_IMODE((tmp_path / ".pinsync").stat().st_mode) == 0o700


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_a_file_that_lies_where_the_temporary_one_goes_is_not_written_through(tmp_path: Path) -> None:
    fill(tmp_path, *settled(1))
    victim = tmp_path / "victim"
    victim.write_text("keep")
    (tmp_path / ".pinsync" / f"state.json.{os.getpid()}.tmp").symlink_to(victim)
    fill(tmp_path, fold=True)
    file = tmp_path / ".pinsync" / "state.json"
    assert victim.read_text() == "keep"
    assert not file.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("size", [1, 3_000])
def test_a_record_costs_one_append_and_all_of_them_one_sync_however_large_the_state_is(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as quick:
        quick.setattr(os, "fsync", lambda handle: None)
        fill(tmp_path, *settled(size), fold=True)
    found = backend(tmp_path)
    lock = found.lock("apply")
    found.record(settled(1)[0])
    file, snapshot = (tmp_path / ".pinsync" / name for name in ("state.json.journal", "state.json"))
    before = snapshot.stat()
    done: list[str] = []
    write, sync = os.write, os.fsync
    with monkeypatch.context() as counting:
        counting.setattr(os, "write", lambda handle, data: done.append("write") or write(handle, data))
        counting.setattr(os, "fsync", lambda handle: done.append("fsync") or sync(handle))
        counting.setattr(os, "open", lambda *given: pytest.fail("the journal stays open"))
        for record in settled(10, 50):
            length = file.stat().st_size
            found.record(record)
            assert file.stat().st_size - length == len(journal.line(record))
        found.checkpoint()
    assert done == [*["write"] * 10, "fsync"]
    after = snapshot.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    found.release(lock)


def test_a_write_that_takes_only_a_part_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:7]))
    fill(tmp_path, *settled(3))
    assert set(backend(tmp_path).read().resources) == {"pin.p1", "pin.p2", "pin.p3"}


RUN = [journal.begin("pin.p3", pending()), *settled(1, 3), journal.move("pin.p1", "pin.q"), journal.forget("pin.p2")]


def a_run(found: LocalBackend, recorded: list[journal.Record]) -> None:
    """What apply does: fold, record, fold, record again, fold."""
    found.fold()
    for record in RUN[:2]:
        found.record(record)
        recorded.append(record)
    found.fold()
    for record in RUN[2:]:
        found.record(record)
        recorded.append(record)
    found.fold()


def begun(folder: Path) -> State:
    """A folder as an interrupted run left it: a snapshot and a journal with a record."""
    fill(folder, *settled(1), fold=True)
    fill(folder, *settled(1, 2))
    return backend(folder).read()


@pytest.mark.parametrize("how", ["crash", "crash after"])
def test_a_crash_at_any_step_loses_nothing_that_was_recorded(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = begun(tmp_path / "origin")
    step, done = 0, False
    while not done:
        folder = tmp_path / str(step)
        shutil.copytree(tmp_path / "origin", folder)
        recorded: list[journal.Record] = []
        with failing_at(step, monkeypatch, how=how):
            try:
                a_run(backend(folder), recorded)
                done = True
            except Crash:
                step += 1
        found = contents(backend(folder).read())
        under_way = RUN[: len(recorded) + 1]
        assert found in (
            contents(journal.replay(base, recorded)),
            contents(journal.replay(base, under_way)),
        ), f"after a crash at step {step}"
        fill(folder, *settled(1, 9), fold=True)
        again = backend(folder).read()
        assert again.resources["pin.p9"] == known(9)
        assert set(again.resources) - {"pin.p9"} == set(found[1])
        assert again.pending == found[2]
        assert again.lineage == base.lineage
    assert step > 25, "each call to the system is a step"


def test_a_crash_in_the_very_first_run_loses_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step, done = 0, False
    while not done:
        folder = tmp_path / str(step)
        recorded = 0
        with failing_at(step, monkeypatch):
            try:
                found = backend(folder)
                found.lock("apply")
                for record in settled(2):
                    found.record(record)
                    recorded += 1
                found.fold()
                done = True
            except Crash:
                step += 1
        state = backend(folder).read()
        assert list(state.resources)[:recorded] == [f"pin.p{number}" for number in range(1, recorded + 1)]
        assert recorded <= len(state.resources) <= recorded + 1
    assert step > 10


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO, errno.EDQUOT])
def test_a_disk_that_fails_at_any_step_is_an_error_with_advice_and_no_damage(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = begun(tmp_path / "origin")
    step, failed = 0, True
    while failed:
        folder = tmp_path / str(step)
        shutil.copytree(tmp_path / "origin", folder)
        found = backend(folder)
        sure: list[journal.Record] = []
        failed = False
        with failing_at(step, monkeypatch, how="error", code=code):
            for number, record in enumerate(RUN):
                try:
                    found.record(record)
                except StateError as error:
                    failed = True
                    message, advice = error.message, error.advice
                    found.record(record)  # the next attempt succeeds, on the same backend
                sure.append(record)
                if number % 2:
                    try:
                        found.fold()
                    except StateError as error:
                        failed = True
                        message, advice = error.message, error.advice
        if failed:
            assert os.strerror(code) in message
            assert "writable" in advice
            assert "space" in advice
        assert contents(backend(folder).read()) == contents(journal.replay(base, sure)), f"step {step}"
        found.fold()
        assert contents(backend(folder).read()) == contents(journal.replay(base, sure)), f"step {step}"
        assert not [name for name in names(folder) if name.endswith(".tmp")]
        step += 1
    assert step > 25


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_lock_that_cannot_be_written_is_an_error_with_advice_and_leaves_nothing(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, failed = 0, True
    while failed:
        (tmp_path / str(step)).mkdir()
        found = backend(tmp_path / str(step))
        told: StateError | None = None
        with failing_at(step, monkeypatch, how="error", code=code) as calls:
            try:
                found.lock("apply")
            except StateError as error:
                told = error
            failed = calls() > step
        if told:
            assert os.strerror(code) in told.message
            assert "writable" in told.advice
            found.lock("apply")
        assert "state.json.lock" in names(tmp_path / str(step))
        step += 1
    assert step > 6


def test_a_folder_where_the_state_should_be_is_explained(tmp_path: Path) -> None:
    (tmp_path / ".pinsync" / "state.json").mkdir(parents=True)
    with pytest.raises(StateError, match="cannot be read") as caught:
        backend(tmp_path).read()
    assert caught.value.advice
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="cannot be"):
        LocalBackend(tmp_path / "file" / "state.json").lock("apply")
    with pytest.raises(StateError, match="cannot be"):
        LocalBackend(tmp_path / "file" / "state.json").read()


def test_a_state_file_that_may_not_be_read_is_not_an_empty_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, *settled(1), fold=True)

    def refuse(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(StateError, match="cannot be read: Permission denied") as caught:
        backend(tmp_path).read()
    assert caught.value.advice
