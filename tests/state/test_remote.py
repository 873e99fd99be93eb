"""State that is kept elsewhere: on a branch and in S3, one set of promises."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from pinsync.errors import StateError, StateLocked
from pinsync.state import journal
from pinsync.state.document import State, dump
from pinsync.state.lock import Lock
from pinsync.state.remote import RemoteBackend
from tests.chaos.writers import lost, write
from tests.state.places import KEYS, Branch, Bucket, Place, Shelf, backend_on, git, serving_s3, spool
from tests.state.worlds import contents, pending, settled


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with serving_s3() as endpoint:
        yield endpoint


@pytest.fixture(params=["git", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    if request.param == "git":
        return Branch(tmp_path)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return Bucket.made(tmp_path, request.getfixturevalue("s3"))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def change(found: RemoteBackend, *records: journal.Record) -> State:
    lock = found.lock("apply")
    for record in records:
        found.record(record)
    state = found.fold()
    found.release(lock)
    return state


def test_what_one_machine_folds_another_reads(place: Place) -> None:
    here, there = backend_on(place, "here"), backend_on(place, "there")
    assert there.read() == State(lineage="")
    first = change(here, *settled(3), journal.begin("pin.x", pending()))
    assert there.read() == first
    second = change(there, journal.forget("pin.p1"), journal.abandon("pin.x"))
    assert here.read() == second
    assert set(second.resources) == {"pin.p2", "pin.p3"}
    assert (first.serial, second.serial, second.lineage) == (1, 2, first.lineage)
    assert change(here) == second, "nothing was recorded, and nothing is stored"
    assert not spool(place).exists()


def test_a_lock_holds_on_every_machine_until_a_person_takes_it_away(place: Place) -> None:
    here, there = backend_on(place, "here"), backend_on(place, "there")
    lock = here.lock("apply")
    for other in (there, backend_on(place, "here")):
        with pytest.raises(StateLocked, match=f"{lock.owner} on {lock.host}") as caught:
            other.lock("apply")
        assert lock.id in caught.value.advice
    with pytest.raises(StateError, match="another id"):
        there.unlock("x")
    assert there.unlock(lock.id) == lock
    there.lock("state mv")
    here.record(settled(1)[0])
    with pytest.raises(StateError, match=r"was taken from this run and is held by .*`pinsync state mv`"):
        here.checkpoint()
    here.release(lock)
    assert here._store.holder() is not None, "that of another is not given back"


def test_what_was_stored_before_a_machine_was_lost_is_known_to_the_next(place: Place) -> None:
    here, there = backend_on(place, "here"), backend_on(place, "there")
    lock = here.lock("apply")
    here.record(journal.begin("pin.x", pending()))
    here.record(journal.begin("pin.y", pending()))
    here.checkpoint()
    here.record(journal.abandon("pin.x"))  # and then it is gone
    there.unlock(lock.id)
    assert set(there.read().pending) == {"pin.x", "pin.y"}
    assert set(backend_on(place, "here").read().pending) == {"pin.y"}, "this machine knows more"


def test_a_run_on_the_same_machine_takes_up_what_was_not_stored(shelf: Shelf) -> None:
    found = backend_on(shelf)
    lock = found.lock("apply")
    for record in settled(2):
        found.record(record)
    found.checkpoint()
    found.record(settled(1, 3)[0])
    found.unlock(lock.id)
    again = change(backend_on(shelf), settled(1, 4)[0])
    assert set(again.resources) == {f"pin.p{number}" for number in range(1, 5)}
    assert not spool(shelf).exists()


def test_what_another_machine_went_on_without_is_set_aside(shelf: Shelf) -> None:
    found = backend_on(shelf)
    lock = found.lock("apply")
    found.record(journal.begin("pin.x", pending()))
    found.checkpoint()
    found.record(journal.abandon("pin.x"))
    found.unlock(lock.id)
    after = change(backend_on(shelf, "there"), *settled(1))
    assert backend_on(shelf).read() == after
    assert change(backend_on(shelf), *settled(1, 2)).pending == after.pending
    assert [file.name for file in spool(shelf).parent.iterdir()] == ["unstored.jsonl.damaged-1"]


@pytest.mark.parametrize("process", ["goes on", "dies"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_store_that_fails_in_a_run_loses_nothing(
    shelf: Shelf, when: str, process: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the document got there and only the answer was lost."""
    found = backend_on(shelf)
    lock = found.lock("apply")
    found.record(journal.begin("pin.x", pending()))
    save = found._store.save

    def failing(data: bytes, over: str, lock: Lock, message: str) -> str:
        if when == "after":
            save(data, over, lock, message)
        raise StateError("the network is gone", "Mend it.")

    with monkeypatch.context() as patch:
        patch.setattr(found._store, "save", failing)
        with pytest.raises(StateError, match=r"the network is gone.*unstored\.jsonl"):
            found.checkpoint()
        found.record(settled(1)[0])
        with pytest.raises(StateError, match=r"the network is gone.*unstored\.jsonl"):
            found.fold()
    if process == "goes on":
        state = found.fold()
        found.release(lock)
    else:
        assert spool(shelf).exists()
        backend_on(shelf).unlock(lock.id)
        state = change(backend_on(shelf))
    assert contents(state)[1:3] == (dict(settled_state().resources), {"pin.x": pending()})
    assert backend_on(shelf, "there").read() == state
    assert not spool(shelf).exists()


def settled_state() -> State:
    return journal.replay(State("x"), settled(1))


def test_an_answer_that_was_lost_is_not_taken_for_somebody_elses_write(place: Place) -> None:
    found = backend_on(place)
    lock = found.lock("apply")
    before = found._store.load()
    version = found._store.save(b"{}", before.version, lock, "Once")
    assert found._store.save(b"{}", before.version, lock, "Twice") == version
    with pytest.raises(StateError, match="somebody wrote"):
        found._store.save(b"[]", before.version, lock, "Late")


def test_a_damaged_document_is_mended_from_what_was_there_before(place: Place) -> None:
    found = backend_on(place)
    for number in range(1, 3):
        change(found, *settled(1, number))
    lock = found.lock("state recover")
    assert found.recover() is None
    found.put("{", "damaged by hand")
    with pytest.raises(StateError, match="is damaged"):
        found.read()
    salvaged = found.recover()
    found.release(lock)
    assert salvaged is not None
    assert set(salvaged.state.resources) >= {"pin.p1"}
    assert backend_on(place, "there").read() == salvaged.state


def test_a_state_of_an_older_time_is_refused_where_this_machine_knows_of_a_newer_one(shelf: Shelf) -> None:
    found = backend_on(shelf)
    first = change(found, *settled(1))
    lock = found.lock("apply")
    found.record(settled(1, 2)[0])
    found.checkpoint()
    found.record(settled(1, 3)[0])
    found._store.save(dump(first).encode(), found._store.load().version, lock, "Put back by hand")
    with pytest.raises(StateError, match=r"of an older time \(serial 1\)") as caught:
        backend_on(shelf).read()
    assert "recover" in caught.value.advice
    salvaged = found.recover()
    assert salvaged is not None
    assert {"pin.p1", "pin.p3"} <= salvaged.state.resources.keys()


def test_nothing_is_changed_without_the_lock(shelf: Shelf) -> None:
    found = backend_on(shelf)
    acts: list[Callable[[], object]] = [lambda: found.record(settled(1)[0]), found.fold, lambda: found.put("{}", "x")]
    for act in acts:
        with pytest.raises(StateError, match="only under its lock"):
            act()
    assert found.current() is None


def test_a_lock_names_the_run_in_ci(monkeypatch: pytest.MonkeyPatch, shelf: Shelf) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "we/pins")
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    backend_on(shelf).lock("apply")
    with pytest.raises(StateLocked, match=r"https://github\.com/we/pins/actions/runs/77"):
        backend_on(shelf, "there").lock("apply")


def test_many_writers_at_once_lose_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each on a machine of its own; ``make chaos`` has twenty processes for each place."""
    monkeypatch.setattr("pinsync.state.lock._LONGEST_PAUSE", 0.2)
    names = [f"w{number}" for number in range(4 if isinstance(place, Branch) else 10)]
    for name in names:
        place.machine(name)
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: write(place, name, 1), names))
    assert not lost(backend_on(place, "w0").read(), len(names), 1)


# On a branch


def test_a_checkout_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Branch(tmp_path)
    root = place.machine("here")
    clone = root.parent
    (root / "soup.yaml").write_text("title: Soup\n")
    (clone / "README.md").write_text("Changed, and not committed.\n")
    git(clone, "add", "pins")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))  # as where a hook runs pinsync
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))

    def all_of(folder: Path) -> dict[str, bytes]:
        files = (file for file in folder.rglob("*") if file.is_file() and ".pinsync" not in file.parts)
        return {str(file.relative_to(folder)): file.read_bytes() for file in files}

    before = all_of(clone)
    change(backend_on(place), *settled(2))
    assert all_of(clone) == before
    assert git(place.origin, "for-each-ref", "--format=%(refname)").split() == [
        "refs/heads/main", "refs/heads/pinsync-state"]  # fmt: skip


def test_the_history_tells_what_was_done_when_and_by_whom(tmp_path: Path) -> None:
    place = Branch(tmp_path)
    change(backend_on(place), *settled(2))
    change(backend_on(place), journal.forget("pin.p1"), journal.begin("pin.x\nfoo", pending()), *settled(1, 3))
    change(backend_on(place), journal.give_slots({"pin.z": "2026-12-01T08:30:00+00:00"}))
    assert backend_on(place).read().slots == {"pin.z": "2026-12-01T08:30:00+00:00"}
    subjects = git(place.origin, "log", "--format=%s", "pinsync-state").splitlines()
    assert subjects == [
        "apply: unlock pins/state.json",
        "apply: 1 under way, 1 given a slot (serial 3)",
        "apply: lock pins/state.json",
        "apply: unlock pins/state.json",
        "apply: 1 new, 1 gone, 1 under way (serial 2)",
        "apply: lock pins/state.json",
        "apply: unlock pins/state.json",
        "apply: 2 new (serial 1)",
        "apply: lock pins/state.json",
    ]
    body = git(place.origin, "log", "--format=%b", "--skip=4", "--max-count=1", "pinsync-state")
    assert "`pinsync apply`, since" in body
    assert body.splitlines()[-3:-1] == ["- pin.p1", "+ pin.p3"]
    assert git(place.origin, "rev-list", "--max-parents=0", "main", "pinsync-state").count("\n") == 2, "an orphan"


def test_several_content_folders_share_a_branch(tmp_path: Path) -> None:
    place = Branch(tmp_path)
    soups, bakes = (backend_on(place, "here", content) for content in ("soups", "bakes"))
    lock = soups.lock("apply")
    soups.record(settled(1)[0])
    change(bakes, *settled(2))
    soups.fold()
    soups.release(lock)
    assert (len(soups.read().resources), len(bakes.read().resources)) == (1, 2)


def test_a_branch_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    place = Branch(tmp_path)
    found = backend_on(replace(place, branch="main"))
    with pytest.raises(StateError, match="holds something else") as caught:
        found.lock("apply")
    assert "branch" in caught.value.advice
    assert git(place.origin, "rev-list", "--count", "main").strip() == "1"


@pytest.mark.parametrize("what", ["no checkout", "no remote", "no origin", "no push"])
def test_what_git_cannot_do_is_said_with_a_way_out(what: str, tmp_path: Path) -> None:
    place = Branch(tmp_path)
    clone = place.machine("here").parent
    expected = {
        "no checkout": "not in a checkout",
        "no remote": "no remote called origin",
        "no origin": "cannot be read",
        "no push": r"cannot be pushed: .*(denied|declined)",
    }[what]
    if what == "no checkout":
        (clone / ".git").rename(clone / "git")
    elif what == "no remote":
        git(clone, "remote", "remove", "origin")
    elif what == "no origin":
        git(clone, "remote", "set-url", "origin", f"file://somebody:secret@localhost{tmp_path}/nowhere")
    else:
        hook = place.origin / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho not allowed >&2\nexit 1\n")
        hook.chmod(0o700)
    with pytest.raises(StateError, match=expected) as caught:
        backend_on(place).lock("apply")
    assert caught.value.advice
    assert "secret" not in caught.value.message


def test_the_credentials_of_the_checkout_are_used_and_shown_to_nobody(tmp_path: Path) -> None:
    place = Branch(tmp_path)
    clone = place.machine("here").parent
    git(clone, "config", "http.https://github.com/.extraheader", "AUTHORIZATION: basic c2VjcmV0")
    git(clone, "config", "core.worktree", str(clone))
    store = backend_on(place)._store
    told = store._git("config", "--get-all", "http.https://github.com/.extraheader").decode()  # type: ignore[attr-defined]
    assert told == "AUTHORIZATION: basic c2VjcmV0\n"
    assert change(backend_on(place), *settled(1)).serial == 1


def test_a_token_of_the_environment_goes_to_the_host_of_the_remote_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Branch(tmp_path)
    clone = place.machine("here").parent
    monkeypatch.setenv("PINSYNC_STATE_TOKEN", "s3cr3t")
    store = backend_on(place)._store
    assert "extraheader" not in store._git("config", "--list").decode()  # type: ignore[attr-defined]
    git(clone, "remote", "set-url", "--push", "origin", "https://me@github.com/kitchen/pins.git")
    told = store._git("config", "--get-all", "http.https://github.com/.extraheader").decode()  # type: ignore[attr-defined]
    assert told == "AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46czNjcjN0\n"


# In S3


@pytest.fixture
def bucket(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return Bucket.made(tmp_path, s3)


@pytest.mark.parametrize("ignored", ["IfNoneMatch", "IfMatch"])
def test_a_store_that_keeps_no_conditions_is_refused(
    ignored: str, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = backend_on(bucket)
    put = found._store._client.put_object  # type: ignore[attr-defined]
    monkeypatch.setattr(
        found._store._client,  # type: ignore[attr-defined]
        "put_object",
        lambda **given: put(**{name: value for name, value in given.items() if name != ignored}),
    )
    with pytest.raises(StateError, match="ignores the conditions"):
        found.lock("apply")
    assert found._store.holder() is None


def test_the_document_before_each_run_is_kept(bucket: Bucket) -> None:
    found = backend_on(bucket)
    for number in range(3):
        change(found, *settled(1, number))
    serials = [json.loads(data)["serial"] for _, data in found._store.earlier()]
    assert sorted(serials) == [1, 2]


@pytest.mark.parametrize(
    ("options", "environ", "expected"),
    [
        ({"bucket": "another"}, {}, "NoSuchBucket"),
        ({"endpoint": "http://127.0.0.1:1"}, {}, "cannot be reached"),
        ({"endpoint": "http://store.example"}, {}, "unencrypted"),
        ({"endpoint": ""}, {"AWS_ENDPOINT_URL_S3": "http://store.example"}, "unencrypted"),
        ({"region": "eu-west-1"}, {"AWS_ACCESS_KEY_ID": "", "HOME": "/nowhere"}, "cannot be reached: .*redentials"),
    ],
)
def test_what_s3_cannot_do_is_said_with_a_way_out(
    options: dict[str, str],
    environ: dict[str, str],
    expected: str,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"AWS_MAX_ATTEMPTS": "1", "AWS_DEFAULT_REGION": "eu-west-1", **environ}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Exception, match=expected) as caught:
        backend_on(replace(bucket, more=options)).lock("apply")
    assert caught.value.advice  # type: ignore[attr-defined]
