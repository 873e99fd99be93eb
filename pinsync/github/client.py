"""GitHub's REST API, as far as it is needed: comments of pull requests, pull requests of a commit, deployments."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from pinsync import __version__
from pinsync.errors import PinsyncError, UsageError
from pinsync.pinterest.credentials import Secret

_ATTEMPTS = 4
_LONGEST_WAIT = 60.0  # seconds
_MOST_PAGES = 50
_TIMEOUT = httpx.Timeout(20.0)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_BOT = "github-actions[bot]"


class GitHubRefused(PinsyncError):
    """GitHub did not do it. ``forbidden`` says that the token may not, as in a pull request from a fork."""

    def __init__(self, message: str, advice: str = "", *, forbidden: bool = False) -> None:
        super().__init__(message, advice)
        self.forbidden = forbidden


class GitHub:
    """One repository. Use it as a context manager. ``sleep`` waits so many seconds."""

    def __init__(
        self,
        api: str,
        repository: str,
        token: Secret,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        parts = urlsplit(api)
        local = parts.hostname in _LOOPBACK
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise UsageError("GITHUB_API_URL must be an https address", "A token goes nowhere without TLS.")
        self._base = f"{api.rstrip('/')}/repos/{repository}"
        self._api = api.rstrip("/")
        self._host = parts.netloc
        self._token = token
        self._sleep = sleep
        self._http = httpx.Client(
            headers={
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
                "User-Agent": f"pinsync/{__version__}",
            },
            timeout=_TIMEOUT,
            transport=transport,
            trust_env=not local,
        )

    def __enter__(self) -> Self:
        self._http.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.__exit__(kind, error, trace)

    def put_comment(self, number: int, marker: str, body: str) -> str:
        """Writes ``body`` into our comment of this pull request that has ``marker``, or into a new one; returns its address.

        Somebody else's comment is left alone, whatever is in it. Raises GitHubRefused.
        """
        me = self._login()
        for comment in self._pages(f"{self._base}/issues/{number}/comments"):
            author = comment.get("user") or {}
            if author.get("login") == me and str(comment.get("body") or "").startswith(marker):
                if comment["body"] == body:
                    return str(comment.get("html_url") or "")
                answer = self._send("PATCH", f"{self._base}/issues/comments/{int(comment['id'])}", {"body": body})
                return str(answer.get("html_url") or "")
        return str(self._send("POST", f"{self._base}/issues/{number}/comments", {"body": body}).get("html_url") or "")

    def merged_as(self, sha: str) -> int:
        """The number of the pull request that brought this commit to its branch, 0 where none did. Raises GitHubRefused."""
        for pull in self._pages(f"{self._base}/commits/{sha}/pulls"):
            if pull.get("merged_at") and pull.get("merge_commit_sha") == sha:
                return int(pull["number"])
        return 0

    def deploy(self, sha: str, environment: str, *, succeeded: bool, description: str, log: str) -> None:
        """Notes a deployment of this commit, with how it ended. Raises GitHubRefused."""
        made = self._send(
            "POST",
            f"{self._base}/deployments",
            {
                "ref": sha,
                "environment": environment,
                "auto_merge": False,
                "required_contexts": [],
                "description": description,
            },
        )
        status = {"state": "success" if succeeded else "failure", "description": description, "log_url": log}
        self._send("POST", f"{self._base}/deployments/{int(made['id'])}/statuses", status)

    def _login(self) -> str:
        """Who we are: the bot of Actions, whose token may not ask, or the owner of another token."""
        try:
            return str(self._send("GET", f"{self._api}/user").get("login") or _BOT)
        except GitHubRefused as error:
            if not error.forbidden:
                raise
            return _BOT

    def _pages(self, url: str) -> Iterator[Mapping[str, Any]]:
        following: str | None = f"{url}?per_page=100"
        for _ in range(_MOST_PAGES):
            if following is None:
                return
            response = self._request("GET", following, None)
            found = response.json()
            yield from (one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()
            following = response.links.get("next", {}).get("url")
            if following is not None and urlsplit(following).netloc != self._host:
                return  # the token is for nobody else

    def _send(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        answer = self._request(method, url, body).json()
        return answer if isinstance(answer, dict) else {}

    def _request(self, method: str, url: str, body: Mapping[str, Any] | None) -> httpx.Response:
        """The answer, where it is a good one. A new comment whose answer is lost is not sent again: two would be confusing."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                headers = {"Authorization": f"Bearer {self._token.reveal()}"}
                response = self._http.request(method, url, json=body, headers=headers)
            except httpx.RequestError as error:
                failure = f"no answer from GitHub ({type(error).__name__})"
                again = method != "POST" or isinstance(error, httpx.ConnectError)
                wait = float(attempt)
            else:
                if response.is_success and _is_json(response):
                    return response
                failure = _told(response)
                wait = _wait(response, attempt)
                again = wait <= _LONGEST_WAIT and (
                    _is_limit(response) or (response.status_code >= 500 and method != "POST")
                )
                if not again:
                    raise GitHubRefused(failure, _advice(response), forbidden=response.status_code in (401, 403, 404))
            if not again or attempt == _ATTEMPTS:
                break
            self._sleep(wait)
        raise GitHubRefused(failure, "Run the job again.")


def _is_json(response: httpx.Response) -> bool:
    try:
        response.json()
    except ValueError:
        return False
    return True


def _is_limit(response: httpx.Response) -> bool:
    return response.status_code == 429 or (
        response.status_code == 403
        and ("retry-after" in response.headers or response.headers.get("x-ratelimit-remaining") == "0")
    )


def _wait(response: httpx.Response, attempt: int) -> float:
    if not _is_limit(response):
        return float(attempt)
    try:
        if "retry-after" in response.headers:
            return max(0.0, float(response.headers["retry-after"]))
        return max(1.0, float(response.headers["x-ratelimit-reset"]) - time.time())
    except (KeyError, ValueError):
        return _LONGEST_WAIT


def _told(response: httpx.Response) -> str:
    try:
        message = str(response.json()["message"])[:300]
    except (ValueError, KeyError, TypeError):
        message = response.reason_phrase or "no explanation"
    return (
        f"GitHub refused {response.request.method} {response.request.url.path}: {message} (HTTP {response.status_code})"
    )


def _advice(response: httpx.Response) -> str:
    if response.status_code in (401, 403, 404):
        return "The job needs `permissions: pull-requests: write` (for deployments: `deployments: write`)."
    return "Correct what GitHub names, and run the job again."
