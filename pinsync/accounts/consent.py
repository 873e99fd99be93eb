"""Asking a person for consent in their browser, and receiving the answer on this machine.

Source: the security scheme ``pinterest_oauth2`` of the official API description (authorization code, no PKCE), and the
documented consent page, whose scopes are separated by commas.
"""

from __future__ import annotations

import queue
import secrets
import socket
import socketserver
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from pinsync.errors import UsageError
from pinsync.pinterest.credentials import Access, Secret, is_secret

PORT = 8085
"""The port of the redirect address that is to be registered for the app, unless another is asked for."""

PATIENCE = 300.0
"""Seconds that a person has."""

_SHOP_WINDOW = "https://www.pinterest.com"
_PAGE = (
    '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>pinsync</title>'
    "<body><h1>{title}</h1><p>{text}</p></body></html>"
)
_AGAIN = "Run `pinsync auth login` again."


def redirect_uri(port: int) -> str:
    """The address that Pinterest sends people back to; it has to be registered for the app letter by letter."""
    return f"http://localhost:{port}/"


def consent_url(access: Access, app_id: str, port: int, scopes: Sequence[str], state: str) -> str:
    """The page that asks the person."""
    known = access.environment in ("production", "sandbox")
    origin = _SHOP_WINDOW if known else access.base_url.removesuffix("/v5")
    asked = {
        "client_id": app_id,
        "redirect_uri": redirect_uri(port),
        "response_type": "code",
        "scope": ",".join(scopes),
        "state": state,
    }
    return f"{origin}/oauth/?{urlencode(asked, safe=',')}"


def new_state() -> str:
    """What shows that an answer belongs to the question."""
    return secrets.token_urlsafe(32)


def code_in(address: str, state: str) -> Secret:
    """The code in the address that a person was sent to. Raises UsageError, also when they declined."""
    answer = _answer(urlsplit(address.strip()).query if "?" in address else "", state)
    if answer is None:
        raise UsageError(
            "this is not the address of the answer to this login",
            "Paste all of the address that the browser shows after you allowed it, of this attempt and not an older one.",
        )
    return _code(answer)


def _answer(query: str, state: str) -> dict[str, str] | None:
    """The parameters of an answer with the right state."""
    try:
        found = {name: values[0] for name, values in parse_qs(query, max_num_fields=20).items()}
    except ValueError:
        return None
    given = found.get("state", "")
    right = secrets.compare_digest(given.encode(), state.encode())
    return found if right and ("code" in found or "error" in found) else None


def _code(answer: dict[str, str]) -> Secret:
    code = Secret(answer.get("code", ""))
    answer.clear()  # so that no frame of an error has it
    if not code.reveal() or not is_secret(code):
        raise UsageError("the consent page gave no permission", f"{_AGAIN} Choose to allow it there.")
    return code


class Redirect:
    """Receives the answer on the loopback interface. The port is taken when this exists; use it as a context manager.

    Raises UsageError when somebody else has the port: whoever listens there would get the code.
    """

    def __init__(self, port: int, state: str) -> None:
        self._answers: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
        handler = _handler(state, self._answers)
        self._servers: list[ThreadingHTTPServer] = []
        try:
            self._servers.append(_Loopback(("127.0.0.1", port), handler))
            self.port = self._servers[0].server_address[1]
            if _has_ipv6():
                self._servers.append(_Loopback6(("::1", self.port), handler))
        except OSError as error:
            self._close()
            raise UsageError(
                f"port {port} of this machine cannot be used: {error.strerror}",
                "End the program that uses it, choose another port with --port (register its redirect address for the app "
                "too), or use --no-browser.",
            ) from error

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.shutdown()
        self._close()

    def wait(self, patience: float = PATIENCE) -> Secret:
        """The code. Raises UsageError when none came in time, or when the person declined."""
        try:
            answer = self._answers.get(timeout=patience)
        except queue.Empty:
            answer = None
        if answer is None:
            raise UsageError(f"no answer came from the browser within {patience:g} seconds", _AGAIN)
        return _code(answer)

    def _close(self) -> None:
        for server in self._servers:
            server.server_close()


class _Loopback(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = False  # nobody may listen beside us
    allow_reuse_port = False

    def server_bind(self) -> None:
        # Without the look-up of names that HTTPServer makes.
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing is printed: a broken connection of a browser tells nobody anything."""


class _Loopback6(_Loopback):
    address_family = socket.AF_INET6


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _handler(state: str, answers: queue.SimpleQueue[dict[str, str]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10.0
        server_version = "pinsync"
        sys_version = ""

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            answer = _answer(query, state) if path == "/" else None
            if answer is None:
                self._reply(400, "Not the answer to this login", "pinsync is still waiting in the terminal.")
                return
            if "code" in answer:
                self._reply(200, "Thank you", "You can close this page and go back to the terminal.")
            else:
                self._reply(200, "Nothing was allowed", "Go back to the terminal.")
            answers.put(answer)

        def _reply(self, status: int, title: str, text: str) -> None:
            body = _PAGE.format(title=title, text=text).encode()
            self.send_response(status)
            headers = {
                "Content-Type": "text/html; charset=utf-8",
                "Content-Length": str(len(body)),
                "Cache-Control": "no-store",
                "Content-Security-Policy": "default-src 'none'",
                "Referrer-Policy": "no-referrer",
            }
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
            """Nothing: the path has the code."""

    return Handler
