"""Small measurements of pinsync, each beside something that does the least that has to be done.

``python -m benchmarks`` runs all, ``python -m benchmarks NAME…`` some. What counts is the ratio: both sides run in turn,
on the same machine, in the same minute.
"""

from __future__ import annotations

MEASUREMENTS: dict[str, str] = {
    "starting": "pinsync --help and --version beside a bare click program",
    "planning": "a plan with nothing to do beside reading and parsing the same files",
    "loading": "a plan of many pins with nothing to do, Pinterest not asked, beside parsing the same files",
    "guarding": "the same of few pins, with bounds for CI",
    "applying": "an apply beside sending the same calls without it",
    "uploading": "the upload of a video beside curl",
    "pacing": "a thousand writes beside what the rate limit allows",
    "journalling": "a record of the journal beside a bare append and sync",
}
"""Every measurement with what it compares; ``benchmarks/NAME.py`` holds it as ``measure(folder)``, which yields rows."""
