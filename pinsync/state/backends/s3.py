"""State in S3, or in any store that speaks its language and keeps the conditions of conditional writes.

KEY                       the document; replaced only if it is still the version that was read (If-Match)
KEY.lock                  who is writing; made only where there is none (If-None-Match)
KEY.history/TIME-LOCK     the document before each run that changed it
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from pinsync.content.settings import Settings
from pinsync.errors import StateError, UsageError
from pinsync.state.lock import Lock, dump, held, parse
from pinsync.state.remote import SPOOL, Kept, RemoteBackend

_ATTEMPTS = 5
_NO_VERSION = '"00000000000000000000000000000000"'
_MISSING = ("NoSuchKey", "404")
_NOT_NOW = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409", *_MISSING)
_HISTORY = 20


def build(settings: Settings) -> RemoteBackend:
    """The backend of a content root. Raises UsageError where the library that it needs is not there."""
    if find_spec("botocore") is None:
        raise UsageError("state in S3 needs a package that is not installed", "Install it: pip install 'pinsync[s3]'")
    options = settings.state_options
    store = S3Store(options["bucket"], options["path"], options.get("endpoint", ""), options.get("region", ""))
    return RemoteBackend(store, settings.root / SPOOL)


class S3Store:
    """The object ``key`` in ``bucket``. ``endpoint`` and ``region`` are the usual ones of the machine where they are empty."""

    def __init__(self, bucket: str, key: str, endpoint: str = "", region: str = "") -> None:
        self.name = f"the state s3://{bucket}/{key}"
        self._bucket = bucket
        self._key = key
        self._endpoint = endpoint
        self._region = region
        self._kept_before: set[str] = set()

    def load(self) -> Kept:
        """As :meth:`Store.load`."""
        return self._get(self._key)

    def save(self, data: bytes, over: str, lock: Lock, message: str) -> str:
        """As :meth:`Store.save`. S3 has no place for the message."""
        holder = self.holder()
        if holder is None or holder.id != lock.id:
            raise StateError(
                f"the lock on {self.name} was taken from this run{f' and is held by {holder}' if holder else ''}",
                "Nothing more is sent. Run it again: it looks for what was under way before it sends anything.",
            )
        for _ in range(_ATTEMPTS):
            try:
                self._keep_before(over, lock)
                return self._put(self._key, data, over)
            except StateError as error:
                found = self.load()
                if found.data == data:
                    return found.version  # it got there, and its answer was lost
                if found.version != over:
                    raise StateError(
                        f"somebody wrote {self.name} although this run holds its lock",
                        "Nothing more is sent, and nothing was overwritten.",
                    ) from error
                if not isinstance(error, _NotNow):
                    raise
        raise StateError(f"{self.name} is written by too many at once", "Run it again later.")

    def take(self, lock: Lock) -> None:
        """As :meth:`Store.take`. Makes sure that the store keeps conditions, without which the lock would be none."""
        data = dump(lock).encode()
        for _ in range(_ATTEMPTS):
            try:
                self._put(self._lock_key, data, "")
            except StateError as error:
                holder = self.holder()
                if holder is not None and holder.id != lock.id:
                    raise held(holder) from None
                if holder is None and not isinstance(error, _NotNow):
                    raise
            else:
                holder = lock
            if holder is not None:
                self._prove(data)
                return
        raise StateError(f"the lock on {self.name} cannot be taken: others do so all the time", "Run it again later.")

    def holder(self) -> Lock | None:
        """As :meth:`Store.holder`."""
        found = self._get(self._lock_key).data
        return None if found is None else parse(found, f"s3://{self._bucket}/{self._lock_key}")

    def drop(self, lock: Lock) -> None:
        """As :meth:`Store.drop`."""
        holder = self.holder()
        if holder and holder.id == lock.id:
            self._call("delete_object", self._lock_key)

    def earlier(self) -> Iterator[tuple[str, bytes]]:
        """As :meth:`Store.earlier`."""
        prefix = f"{self._key}.history/"
        with self._told(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            keys = sorted((one["Key"] for page in pages for one in page.get("Contents", ())), reverse=True)
        for key in keys[:_HISTORY]:
            data = self._get(key).data
            if data is not None:
                yield f"s3://{self._bucket}/{key}", data

    @property
    def _lock_key(self) -> str:
        return f"{self._key}.lock"

    def _keep_before(self, over: str, lock: Lock) -> None:
        if not over or lock.id in self._kept_before:
            return
        source = {"Bucket": self._bucket, "Key": self._key}
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        self._call("copy_object", f"{self._key}.history/{moment}-{lock.id}", CopySource=source, CopySourceIfMatch=over)
        self._kept_before.add(lock.id)

    def _prove(self, data: bytes) -> None:
        """Writes the lock again, as it is, under conditions that are not met: both times that must fail."""
        for over in ("", _NO_VERSION):
            try:
                self._put(self._lock_key, data, over)
            except _NotNow:
                continue
            self._call("delete_object", self._lock_key)
            raise StateError(
                f"the store of {self.name} ignores the conditions If-None-Match and If-Match, so that two runs could write at once",
                "Use a store that keeps them (S3 itself does), or another backend.",
            )

    def _put(self, key: str, data: bytes, over: str) -> str:
        condition = {"IfMatch": over} if over else {"IfNoneMatch": "*"}
        answer = self._call("put_object", key, Body=data, ContentType="application/json", **condition)
        return str(answer["ETag"])

    def _get(self, key: str) -> Kept:
        try:
            answer = self._call("get_object", key)
        except _NotNow:
            return Kept(None, "")
        with self._told(key):
            return Kept(answer["Body"].read(), str(answer["ETag"]))

    def _call(self, operation: str, key: str, **arguments: Any) -> Any:
        with self._told(key):
            return getattr(self._client, operation)(Bucket=self._bucket, Key=key, **arguments)

    @contextmanager
    def _told(self, key: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            yield
        except ClientError as error:
            told = error.response.get("Error", {})
            code = str(told.get("Code", ""))
            if code in _NOT_NOW:
                raise _NotNow(f"s3://{self._bucket}/{key}: {code}", "Run it again later.") from error
            raise StateError(
                f"s3://{self._bucket}/{key} cannot be used: {code} {told.get('Message', '')}".strip(), _advice(code)
            ) from error
        except (BotoCoreError, HTTPClientError, OSError) as error:
            raise StateError(
                f"s3://{self._bucket}/{key} cannot be reached: {error}", _advice(type(error).__name__)
            ) from error

    @cached_property
    def _client(self) -> Any:
        from botocore.config import Config
        from botocore.session import get_session

        config = Config(
            # A store behind an address of its own seldom has a name for each bucket.
            s3={"addressing_style": "path"} if self._endpoint else {},
            retries={"mode": "standard", "total_max_attempts": 4},
            connect_timeout=10,
            read_timeout=60,
            request_checksum_calculation="when_required",  # newer than what many stores understand
            response_checksum_validation="when_required",
        )
        session = get_session()
        region = self._region or session.get_config_variable("region") or ("us-east-1" if self._endpoint else None)
        with self._told(self._key):
            client = session.create_client("s3", region_name=region, endpoint_url=self._endpoint or None, config=config)
        parts = urlsplit(client.meta.endpoint_url)
        if parts.scheme != "https" and not _is_here(parts.hostname or ""):
            raise UsageError(
                f"the state would go to {parts.hostname} unencrypted", "Give an address that begins with https://."
            )
        return client


class _NotNow(StateError):
    """The condition of a call is not met."""


def _advice(code: str) -> str:
    if code in (
        "NoCredentialsError",
        "PartialCredentialsError",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "ExpiredToken",
    ):
        return (
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in in another way that the AWS command line knows."
        )
    if code in ("AccessDenied", "403"):
        return "pinsync needs s3:GetObject, s3:PutObject and s3:DeleteObject on the objects, and s3:ListBucket on the bucket."
    if code == "NoSuchBucket":
        return "Make the bucket first, or correct `state: {bucket: …}` in pinsync.yaml."
    return "Check the network and `endpoint` and `region` under `state:` in pinsync.yaml."


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
