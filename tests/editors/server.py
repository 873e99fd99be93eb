"""A client of a YAML language server, which is what stands behind an editor's completion, hover and squiggles."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_CAPABILITIES = {
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
        "hover": {"contentFormat": ["markdown"]},
    },
}


class Server:
    """The server that ``command`` starts, for the folder ``root`` with the settings that lie in its ``.vscode``.

    ``|`` in a text is where the cursor stands.
    """

    def __init__(self, command: Sequence[str], root: Path) -> None:
        self._root = root.resolve()
        self._settings = json.loads((root / ".vscode" / "settings.json").read_text("utf-8"))
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._version = self._requests = 0
        self._said: dict[str, list[Any]] = {}  # by address, what was not asked for yet
        folder = {"uri": self._root.as_uri(), "name": self._root.name}
        self._request(
            "initialize",
            {
                "processId": None,
                "rootUri": folder["uri"],
                "workspaceFolders": [folder],
                "capabilities": _CAPABILITIES,
            },
        )
        self._send({"method": "initialized", "params": {}})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    def problems(self, name: str, text: str) -> list[str]:
        """What it says of a file, as ``line:column: message``."""
        return [
            f"{at['line'] + 1}:{at['character'] + 1}: {problem['message']}"
            for problem in self._while_open(name, text, self._await)
            for at in [problem["range"]["start"]]
        ]

    def completions(self, name: str, text: str) -> dict[str, tuple[str, str]]:
        """What it offers: by label what it would insert, and what it says about that."""
        found = self._at("completion", name, text)
        return {
            item["label"]: (item.get("insertText", ""), _text(item.get("documentation"))) for item in found["items"]
        }

    def hover(self, name: str, text: str) -> str:
        """What it shows, as Markdown."""
        found = self._at("hover", name, text)
        return _text(found["contents"]) if found else ""

    def _at(self, method: str, name: str, text: str) -> Any:
        before, _, after = text.partition("|")
        position = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        return self._while_open(
            name,
            before + after,
            lambda uri: self._request(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": position}),
        )

    def _while_open(self, name: str, text: str, ask: Callable[[str], Any]) -> Any:
        uri = (self._root / name).as_uri()
        self._version += 1  # it keeps what it read by address and version
        document = {"uri": uri, "languageId": "yaml", "version": self._version, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        answer = ask(uri)
        self._send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})
        self._await(uri)  # it takes back what it said
        return answer

    def _await(self, uri: str) -> list[Any]:
        while uri not in self._said:
            self._receive()
        return self._said.pop(uri)

    def _request(self, method: str, params: Any) -> Any:
        self._requests += 1
        self._send({"id": self._requests, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._requests and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout
        length = 0
        while line := self._process.stdout.readline().strip():
            header, _, value = line.partition(b":")
            if header.lower() == b"content-length":
                length = int(value)
        assert length, "the language server stopped"
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._said[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": self._answer(message)})
        return message

    def _answer(self, message: dict[str, Any]) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        yaml = {
            "schemas": self._settings["yaml.schemas"],
            "schemaStore": {"enable": False},
            **dict.fromkeys(("validate", "hover", "completion"), True),
        }
        return [yaml if item["section"] == "yaml" else {} for item in message["params"]["items"]]

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()


def _text(marked: Any) -> str:
    return str(marked["value"] if isinstance(marked, dict) else marked or "")
