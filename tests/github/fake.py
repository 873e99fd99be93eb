"""A GitHub on loopback: comments with pages, pull requests of a commit, deployments, permissions and rate limits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pinsync.emulator.server import in_background

TOKEN = "ghs_s3cr3t"
REPOSITORY = "kitchen/pins"
_PAGE = 2  # small, so that comments have several pages


@dataclass
class FakeGitHub:
    """``comments`` by pull request, ``merged`` the number of the pull request of a commit. ``permitted`` says what the token may
    write, ``busy`` how many requests are refused by a rate limit first."""

    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    merged: dict[str, int] = field(default_factory=dict)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    permitted: bool = True
    busy: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    origin: str = ""

    def app(self) -> Starlette:
        base = f"/repos/{REPOSITORY}"
        return Starlette(
            routes=[
                Route("/user", self._user),
                Route(f"{base}/issues/{{number:int}}/comments", self._comments, methods=["GET", "POST"]),
                Route(f"{base}/issues/comments/{{number:int}}", self._comment, methods=["PATCH"]),
                Route(f"{base}/commits/{{sha}}/pulls", self._pulls),
                Route(f"{base}/deployments", self._deploy, methods=["POST"]),
                Route(f"{base}/deployments/{{number:int}}/statuses", self._status, methods=["POST"]),
            ]
        )

    def say(self, number: int, login: str, body: str) -> None:
        """Somebody comments."""
        said = self.comments.setdefault(number, [])
        identity = 1 + sum(map(len, self.comments.values()))
        url = f"https://github.com/{REPOSITORY}/pull/{number}#issuecomment-{identity}"
        said.append({"id": identity, "user": {"login": login}, "body": body, "html_url": url})

    def ours(self, number: int) -> list[str]:
        """Our comments on a pull request."""
        return [one["body"] for one in self.comments.get(number, ()) if one["user"]["login"] == "github-actions[bot]"]

    def _refusal(self, request: Request) -> Response | None:
        self.requests[f"{request.method} {request.url.path}"] += 1
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"message": "Bad credentials"}, 401)
        if self.busy:
            self.busy -= 1
            headers = {"retry-after": "0", "x-ratelimit-remaining": "0"}
            return JSONResponse({"message": "API rate limit exceeded"}, 403, headers)
        if request.method != "GET" and not self.permitted:
            return JSONResponse({"message": "Resource not accessible by integration"}, 403)
        return None

    async def _user(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"message": "Resource not accessible by integration"}, 403)

    async def _comments(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal:
            return refusal
        number = request.path_params["number"]
        if request.method == "POST":
            body = (await request.json())["body"]
            if len(body) > 65_536:
                return JSONResponse({"message": "body is too long (maximum is 65536 characters)"}, 422)
            self.say(number, "github-actions[bot]", body)
            return JSONResponse(self.comments[number][-1], 201)
        page = int(request.query_params.get("page", 1))
        said = self.comments.get(number, [])
        headers = {}
        if page * _PAGE < len(said):
            headers["link"] = f'<{self.origin}{request.url.path}?page={page + 1}>; rel="next"'
        return JSONResponse(said[(page - 1) * _PAGE : page * _PAGE], headers=headers)

    async def _comment(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal:
            return refusal
        (found,) = [
            one for said in self.comments.values() for one in said if one["id"] == request.path_params["number"]
        ]
        found["body"] = (await request.json())["body"]
        return JSONResponse(found)

    async def _pulls(self, request: Request) -> Response:
        sha = request.path_params["sha"]
        number = self.merged.get(sha)
        found = [{"number": number, "merged_at": "2026-11-24T12:00:00Z", "merge_commit_sha": sha}] if number else []
        return self._refusal(request) or JSONResponse([{"number": 99, "merged_at": None}, *found])

    async def _deploy(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal:
            return refusal
        self.deployments.append(await request.json())
        return JSONResponse({"id": len(self.deployments)}, 201)

    async def _status(self, request: Request) -> Response:
        self.deployments[request.path_params["number"] - 1]["status"] = json.loads(await request.body())
        return self._refusal(request) or JSONResponse({}, 201)


@contextmanager
def github() -> Iterator[FakeGitHub]:
    """One that is reachable."""
    fake = FakeGitHub()
    with in_background(fake.app()) as origin:
        fake.origin = origin
        yield fake
