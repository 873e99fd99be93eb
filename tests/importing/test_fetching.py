"""Downloads are bounded, decoded, tried again where that may help, and carry no token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from pinsync.content.pictures import MAX_SENT
from pinsync.importing.fetching import ATTEMPTS, fetching
from pinsync.importing.result import LeftOut
from tests.world import picture

URL = "https://i.example/a.jpg"


class Host:
    """A web server, the requests to it, and how long it was waited for."""

    def __init__(self, folder: Path, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self._folder = folder
        self._answer = answer
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

    def fetch(self, url: str = URL, *, here: bool = False) -> tuple[str, bytes]:
        """The ending and content of what was downloaded; nothing else is left."""

        async def run() -> tuple[str, bytes]:
            def handle(request: httpx.Request) -> httpx.Response:
                self.requests.append(request)
                return self._answer(request)

            async def sleep(seconds: float) -> None:
                self.waits.append(seconds)

            async with fetching(self._folder, sleep, httpx.MockTransport(handle), here=here) as fetcher:
                fetched = await fetcher.fetch(url)
                data = fetched.file.read_bytes()
                fetched.file.unlink()
                return fetched.ending, data

        try:
            return asyncio.run(run())
        finally:
            assert not self._folder.exists() or not list(self._folder.iterdir())


@pytest.mark.parametrize(("form", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_picture(form: str, ending: str, tmp_path: Path) -> None:
    host = Host(tmp_path / "work", lambda request: httpx.Response(200, content=picture(form=form)))
    assert host.fetch() == (ending, picture(form=form))
    assert "authorization" not in host.requests[0].headers


def failing_at_first(times: int, failure: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    """A server that answers in the end."""
    left = [times]

    def answer(request: httpx.Request) -> httpx.Response:
        left[0] -= 1
        if left[0] < 0:
            return httpx.Response(200, content=picture())
        if isinstance(failure, Exception):
            raise failure
        return failure

    return answer


@pytest.mark.parametrize(
    "failure", [httpx.Response(503), httpx.Response(429, headers={"Retry-After": "7"}), httpx.ReadTimeout("slow")]
)
def test_what_may_pass_is_tried_again(failure: httpx.Response | Exception, tmp_path: Path) -> None:
    host = Host(tmp_path / "work", failing_at_first(ATTEMPTS - 1, failure))
    host.fetch()
    assert len(host.requests) == ATTEMPTS
    asked = isinstance(failure, httpx.Response) and failure.status_code == 429
    assert host.waits == ([7.0] * 3 if asked else [0.5, 1.0, 2.0])
    with pytest.raises(LeftOut, match="could not be downloaded"):
        Host(tmp_path / "work", failing_at_first(ATTEMPTS, failure)).fetch()


def redirect(to: str) -> httpx.Response:
    """Leads elsewhere."""
    return httpx.Response(302, headers={"Location": to})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(404), "HTTP 404"),
        (httpx.Response(200, content=b"<html>"), "is a web page, not a picture"),
        (httpx.Response(200, content=picture()[:200]), "is damaged"),
        (httpx.Response(200, content=b""), "is empty"),
        (httpx.Response(200, content=b"x" * (MAX_SENT + 1)), "has more than 20 MB"),
        (redirect("http://i.example/b.jpg"), "http://i.example/b.jpg is no https address"),
        (redirect("http://127.0.0.1/b.jpg"), "is no https address"),
        (redirect("file:///etc/passwd"), "is no https address"),
        (redirect(URL), "without an end"),
    ],
)
def test_what_does_not_pass_is_not(answer: httpx.Response, reason: str, tmp_path: Path) -> None:
    host = Host(tmp_path / "work", lambda request: answer)
    with pytest.raises(LeftOut) as caught:
        host.fetch()
    assert reason in caught.value.reason
    assert host.waits == []


def test_only_this_machine_is_asked_without_tls_and_only_for_the_emulator(tmp_path: Path) -> None:
    host = Host(tmp_path / "work", lambda request: httpx.Response(200, content=picture()))
    assert host.fetch("http://127.0.0.1:8321/a.jpg", here=True)[0] == "jpg"
    for url, here in (("http://127.0.0.1:8321/a.jpg", False), ("http://i.example/a.jpg", True), ("https://", True)):
        with pytest.raises(LeftOut, match="no https address"):
            host.fetch(url, here=here)
    assert len(host.requests) == 1
