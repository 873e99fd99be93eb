"""Links are asked for politely, judged fairly, and nobody's own network is looked into."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from pinsync.content.loading import load
from pinsync.content.problems import Problem
from pinsync.linkchecking import asking
from pinsync.linkchecking.addresses import is_loopback, is_public
from pinsync.linkchecking.asking import REDIRECTS, Asker, Fate
from pinsync.linkchecking.checking import AT_ONCE, GIVEN_UP, LINKS, OF_ONE_HOST, TRUSTED, check
from pinsync.linkchecking.content import LinkReport, check_links
from tests.content.corpus import PIN, Files, root

PUBLIC = "93.184.216.34"
NOW = 1_800_000_000.0
Answer = int | str | Exception


@dataclass
class Web(httpx.AsyncBaseTransport):
    """``pages`` answer by "METHOD address" or address with a status, the place to go on to, or an error.

    ``hosts`` have addresses; all others are public. What was asked is kept, and how much of it at once.
    """

    pages: dict[str, Answer] = field(default_factory=dict)
    hosts: dict[str, list[str] | Exception] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    under_way: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)

    async def resolve(self, host: str, port: int) -> list[str]:
        found = self.hosts.get(host, [host if host[0].isdigit() else PUBLIC])
        if isinstance(found, Exception):
            raise found
        return found

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        host = request.headers["Host"]
        for key in ("all", host):
            self.under_way[key] += 1
            self.most[key] = max(self.most[key], self.under_way[key])
        for _ in range(3):
            await asyncio.sleep(0)
        for key in ("all", host):
            self.under_way[key] -= 1
        asked = f"{request.url.scheme}://{host}{request.url.raw_path.decode()}"
        answer = self.pages.get(f"{request.method} {asked}", self.pages.get(asked, 200))
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, str):
            return httpx.Response(302, headers={"Location": answer, "Set-Cookie": "a=b"})
        return httpx.Response(answer, headers={"Set-Cookie": "a=b"})

    @property
    def asked(self) -> list[str]:
        return [
            f"{request.method} {request.headers['Host']}{request.url.raw_path.decode()}" for request in self.requests
        ]


def nowhere(number: int = socket.EAI_NONAME) -> Exception:
    return socket.gaierror(number, "no")


def verdict(web: Web, link: str, allowed: Callable[[str], bool] = lambda address: False) -> tuple[Fate, str]:
    found = asyncio.run(Asker(web, web.resolve, allowed).ask(link))
    return found.fate, found.reason


LINK = "https://example.com/a"
VERDICTS: dict[str, tuple[Web, Fate, str, list[str]]] = {
    "there": (Web(), Fate.ALIVE, "", ["HEAD"]),
    "gone, as the page itself says": (Web({LINK: 410}), Fate.DEAD, "410 Gone", ["HEAD", "GET"]),
    "not found": (Web({LINK: 404}), Fate.DEAD, "404 Not Found", ["HEAD", "GET"]),
    "not found by HEAD alone": (Web({f"HEAD {LINK}": 404}), Fate.ALIVE, "", ["HEAD", "GET"]),
    "no HEAD there": (Web({f"HEAD {LINK}": 405, f"GET {LINK}": 206}), Fate.ALIVE, "", ["HEAD", "GET"]),
    "HEAD unknown": (Web({f"HEAD {LINK}": 501}), Fate.ALIVE, "", ["HEAD", "GET"]),
    "empty": (Web({f"HEAD {LINK}": 405, f"GET {LINK}": 416}), Fate.ALIVE, "", ["HEAD", "GET"]),
    "no HEAD, and a GET that leads on": (
        Web({f"HEAD {LINK}": 405, f"GET {LINK}": "/b", "https://example.com/b": 404}), Fate.DEAD, "404",
        ["HEAD", "GET", "HEAD", "GET"]),
    "forbidden": (Web({LINK: 403}), Fate.UNKNOWN, "403 Forbidden", ["HEAD", "GET"]),
    "too often": (Web({LINK: 429}), Fate.UNKNOWN, "429", ["HEAD"]),
    "broken": (Web({LINK: 500}), Fate.UNKNOWN, "500", ["HEAD", "GET"]),
    "busy": (Web({LINK: 503}), Fate.UNKNOWN, "503", ["HEAD"]),
    "a status that is none": (Web({LINK: 799}), Fate.UNKNOWN, "status 799", ["HEAD", "GET"]),
    "slow": (Web({LINK: httpx.ReadTimeout("slow")}), Fate.UNKNOWN, "no answer in time", ["HEAD"]),
    "dropped": (Web({LINK: httpx.ReadError("reset")}), Fate.UNKNOWN, "reset", ["HEAD"]),
    "a wrong certificate": (Web({LINK: httpx.ConnectError("certificate")}), Fate.UNKNOWN, "certificate", ["HEAD"]),
    "no such host": (Web(hosts={"example.com": nowhere()}), Fate.DEAD, "no such host", []),
    "no host is known, as without a network": (
        Web(hosts={"example.com": nowhere(), "api.pinterest.com": nowhere()}), Fate.UNKNOWN, "looked up", []),
    "a host not to be looked up now": (Web(hosts={"example.com": nowhere(socket.EAI_AGAIN)}), Fate.UNKNOWN, "looked up", []),
    "a host without address": (Web(hosts={"example.com": []}), Fate.UNKNOWN, "no address", []),
    "elsewhere": (Web({LINK: "https://example.org/b"}), Fate.ALIVE, "", ["HEAD", "HEAD"]),
    "elsewhere, and gone": (Web({LINK: "/b", "https://example.com/b": 410}), Fate.DEAD, "410", ["HEAD", "HEAD", "GET"]),
    "in a circle": (Web({LINK: LINK}), Fate.UNKNOWN, "redirects", ["HEAD"] * (REDIRECTS + 1)),
    "to a file": (Web({LINK: "file:///etc/passwd"}), Fate.UNKNOWN, "does not start with http or https", ["HEAD"]),
    "with a password": (Web({LINK: "https://a:b@example.org/"}), Fate.UNKNOWN, "user name", ["HEAD"]),
    "to nonsense": (Web({LINK: "https://[/"}), Fate.UNKNOWN, "", ["HEAD"]),
    "into our network": (Web({LINK: "http://10.0.0.1/"}), Fate.UNKNOWN, "it leads to 10.0.0.1, which", ["HEAD"]),
    "a name of our network": (
        Web(hosts={"example.com": ["192.168.1.1"]}), Fate.UNKNOWN, "192.168.1.1 (example.com), which is no", []),
    "a name that is also of our network": (
        Web(hosts={"example.com": [PUBLIC, "127.0.0.1"]}), Fate.UNKNOWN, "127.0.0.1 (example.com)", []),
}  # fmt: skip


@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_on_a_link(name: str) -> None:
    web, fate, reason, methods = VERDICTS[name]
    web.requests.clear()
    found = verdict(web, LINK)
    assert found[0] is fate
    assert reason in found[1]
    assert bool(found[1]) == (fate is not Fate.ALIVE)
    assert [request.method for request in web.requests] == methods


def test_the_address_that_was_looked_at_is_the_one_that_is_asked() -> None:
    web = Web({"https://example.com:8443/a?b=c": 404}, {"example.com": ["2606:2800:220:1::1", PUBLIC]})
    assert verdict(web, "https://example.com:8443/a?b=c")[0] is Fate.DEAD
    for request in web.requests:
        assert str(request.url) == "https://[2606:2800:220:1::1]:8443/a?b=c"
        assert request.headers["Host"] == "example.com:8443"
        assert request.extensions["sni_hostname"] == "example.com"
        assert request.extensions["timeout"]["connect"]
    assert web.requests[1].headers["Range"] == "bytes=0-0"


def test_where_one_address_does_not_answer_the_next_is_tried() -> None:
    class Half(Web):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if ":" in request.url.host:
                raise httpx.ConnectError("unreachable")
            return await super().handle_async_request(request)

    web = Half(hosts={"example.com": ["2606:2800:220:1::1", PUBLIC]})
    assert verdict(web, LINK) == (Fate.ALIVE, "")


def test_pinsync_says_who_it_is_and_brings_nothing_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINTEREST_ACCESS_TOKEN", "secret-token")
    web = Web({LINK: "https://example.com/b"})
    assert verdict(web, LINK)[0] is Fate.ALIVE
    assert len(web.requests) == 2
    for request in web.requests:
        assert request.headers["User-Agent"].startswith("pinsync/")
        assert not {"cookie", "authorization", "referer"} & request.headers.keys()
        assert "secret-token" not in str(request.headers)


def test_a_link_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dripping(Web):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr(asking, "LONGEST", 0.01)
    assert verdict(Dripping(), LINK) == (Fate.UNKNOWN, "no answer in time")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
     "255.255.255.255", "192.0.2.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%2", "fd00::1", "ff02::1",
     "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "2002:a00:1::1",
     "2001:db8::1"],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::93.184.216.34"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)
    assert not is_loopback(address)


def test_this_machine_in_every_spelling() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"]))
    assert not any(map(is_loopback, ["10.0.0.1", "169.254.169.254", "fe80::1"]))


def gather(folder: Path, links: list[str], web: Web, now: float = NOW) -> Counter[str]:
    """How many links came to each end, those from the cache apart."""
    checked = asyncio.run(check(links, Asker(web, web.resolve, lambda address: False).ask, folder, now))
    assert set(checked.verdicts) == set(links)
    fates = Counter(verdict.fate.value for verdict in checked.verdicts.values())
    return fates - Counter(alive=checked.remembered) + Counter(remembered=checked.remembered)


def test_few_are_asked_at_once_and_fewer_of_one_host(tmp_path: Path) -> None:
    links = [f"https://host-{number % 30}.example.com/{number}" for number in range(300)]
    web = Web()
    assert gather(tmp_path, links, web) == {"alive": 300}
    assert web.most.pop("all") == AT_ONCE
    assert set(web.most.values()) == {OF_ONE_HOST}
    assert len(web.requests) == 300


def test_a_host_that_does_not_answer_is_left_alone(tmp_path: Path) -> None:
    links = [f"https://slow.example.com/{number}" for number in range(50)] + [LINK]
    web = Web({link: httpx.ConnectTimeout("slow") for link in links[:-1]})
    assert gather(tmp_path, links, web) == {"unknown": 50, "alive": 1}
    assert len(web.requests) <= GIVEN_UP + OF_ONE_HOST + 1


def test_what_was_good_is_trusted_for_a_day_and_what_was_not_is_asked_again(tmp_path: Path) -> None:
    links = [LINK, "https://example.com/gone", "https://example.com/busy"]
    web = Web({links[1]: 404, links[2]: 503})
    assert gather(tmp_path, links, web) == {"alive": 1, "dead": 1, "unknown": 1}
    web.requests.clear()
    web.pages.clear()
    assert gather(tmp_path, links, web, NOW + TRUSTED - 1) == {"remembered": 1, "alive": 2}
    assert sorted(web.asked) == ["HEAD example.com/busy", "HEAD example.com/gone"]
    assert gather(tmp_path, links, web, NOW + TRUSTED) == {"remembered": 2, "alive": 1}
    assert gather(tmp_path, links, web, NOW - 1) == {"alive": 3}  # a clock that was set back proves nothing
    assert gather(tmp_path, links[:1], web, NOW) == {"remembered": 1}
    assert list(json.loads((tmp_path / LINKS).read_text())["links"]) == links[:1]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": "0", "links": {"https://example.com/a": 1800000000.0}}',
             '{"version": "1", "links": [1]}', '{"version": "1", "links": {"https://example.com/a": null}}',
             '{"version": "1", "links": {"https://example.com/a": %s}}' % ("9" * 400),
             '{"version": "1", "links": {"https://example.com/a": NaN}}'],
)  # fmt: skip
def test_a_memory_that_is_nonsense_is_ignored(text: str, tmp_path: Path) -> None:
    (tmp_path / LINKS).parent.mkdir(parents=True)
    (tmp_path / LINKS).write_text(text)
    assert gather(tmp_path, [LINK], Web()) == {"alive": 1}


def report(folder: Path, files: Files, web: Web, *, allow_private: bool = False) -> LinkReport:
    content = load(root(folder, files))
    return check_links(content, allow_private=allow_private, transport=web, resolve=web.resolve, now=NOW)


def said(problem: Problem) -> tuple[str, str, str]:
    return f"{problem.file}:{problem.line}:{problem.column}", problem.severity, problem.message


def test_a_dead_link_is_reported_where_it_stands(tmp_path: Path) -> None:
    slots = "board: soups\nlink: https://example.com/ok#top\ncarousel:\n- {image: soup.jpg, link: 'https://example.com/a'}\n"
    files = {
        "a.yaml": f"{PIN}link: https://example.com/a\n",
        "b.yaml": f"{slots}- {{image: soup.jpg, link: 'https://example.com/ok#more'}}\n",
        "in/_defaults.yaml": "link: https://example.com/a\n",
        "in/c.yaml": PIN.replace("soup.jpg", "../soup.jpg"),
        "in/d.yaml": PIN.replace("soup.jpg", "../soup.jpg"),
        "e.yaml": f"{PIN}link: https://example.com/a\nlints: {{dead-link: error}}\n",
    }
    web = Web({LINK: 404})
    found = report(tmp_path, files, web)
    dead = 'the link "https://example.com/a" is dead: 404 Not Found'
    assert [said(problem) for problem in found.problems] == [
        ("a.yaml:3:7", "warning", f"{dead} (in `pin.a`)"),
        ("b.yaml:4:27", "warning", f"{dead} (in `pin.b`)"),
        ("e.yaml:3:7", "error", f"{dead} (in `pin.e`)"),
        ("in/_defaults.yaml:1:7", "warning", f"{dead} (in `pin.in/c`, `pin.in/d`)"),
    ]
    assert found.notes == ["Links: 2 checked, 0 of them from the cache; 1 dead; 0 could not be checked."]
    assert sorted(web.asked) == ["GET example.com/a", "HEAD example.com/a", "HEAD example.com/ok"]


def test_links_are_asked_for_with_their_parameters_and_only_where_the_rule_is_on(tmp_path: Path) -> None:
    web = Web()
    report(tmp_path, {
        "_defaults.yaml": "link_params: {utm_source: pinterest}\n",
        "a.yaml": f"{PIN}link: https://example.com/a?b=c\n",
        "b.yaml": f"{PIN}link: https://example.com/b\nlints: {{dead-link: off}}\n",
        "c.yaml": f"{PIN}link: nonsense\n",
    }, web)  # fmt: skip
    assert web.asked == ["HEAD example.com/a?b=c&utm_source=pinterest"]


def test_what_could_not_be_checked_is_said_and_is_no_problem(tmp_path: Path) -> None:
    found = report(tmp_path, {"a.yaml": f"{PIN}link: {LINK}\n"}, Web({LINK: 403}))
    assert found.problems == []
    assert found.notes == [
        f"Could not be checked: {LINK} of `pin.a`: 403 Forbidden.",
        "Links: 1 checked, 0 of them from the cache; 0 dead; 1 could not be checked.",
    ]


@pytest.mark.parametrize(
    ("environment", "allow_private", "asked"),
    [
        ("production", False, set()),
        ("production", True, {"127.0.0.1", "10.0.0.1"}),
        ("emulator", False, {"127.0.0.1"}),  # a pull request can write this, and must not reach beyond this machine
        ("emulator", True, {"127.0.0.1", "10.0.0.1"}),
    ],
)  # fmt: skip
def test_who_may_be_asked(environment: str, allow_private: bool, asked: set[str], tmp_path: Path) -> None:
    web = Web()
    files = {
        "pinsync.yaml": f"environment: {environment}\n",
        "a.yaml": f"{PIN}link: http://127.0.0.1/\n",
        "b.yaml": f"{PIN}link: http://10.0.0.1/\n",
    }
    found = report(tmp_path, files, web, allow_private=allow_private)
    assert {request.url.host for request in web.requests} == asked
    assert sum("--allow-private-links" in note for note in found.notes) == 2 - len(asked)
    assert found.problems == []
