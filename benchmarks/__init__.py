"""Small measurements of pinsync, each beside something that does the least that has to be done.

``python -m benchmarks`` runs the usual ones, ``python -m benchmarks NAME…`` some, ``--help`` tells the rest. What counts is
the ratio: both sides run in turn, on the same machine, in the same minute.
"""

from __future__ import annotations

MEASUREMENTS: dict[str, str] = {
    "starting": "pinsync --help, --version and completion beside a bare click program",
    "loading": "a plan with nothing to do, Pinterest not asked, beside parsing the same files",
    "refreshing": "the same with Pinterest asked, beside fetching the same listings",
    "applying": "an apply beside sending the same calls without it, and beside waiting for them",
    "importing": "an import beside fetching the same listings and pictures",
    "previewing": "a preview beside decoding the same pictures",
    "hashing": "looking at pictures and a video beside sha256sum",
    "uploading": "the upload of a video beside curl",
    "pacing": "a thousand writes beside what the rate limit allows",
    "journalling": "a record of the journal beside a bare append and sync",
    "keeping": "reading and writing the state document beside bare JSON",
    "guarding": "a plan of few pins, with bounds for CI",
    "octodns": "a plan with nothing to do beside octoDNS' of as many records",
}
"""Every measurement with what it compares; ``benchmarks/NAME.py`` holds it as ``measure(folder, scale)``, which yields rows
or raises Skipped."""

ON_REQUEST = ("guarding", "octodns")
"""Those that only run when they are named: one says what `loading` says, the other installs something."""
