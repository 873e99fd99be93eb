"""Runs one program and prints what it used, as JSON. A program of its own, and a small one: on Linux a child starts with
the largest memory of whoever forked it, so that a large parent could not see what a child takes.

python -I -S launcher.py PROGRAM ARGUMENT…
"""

import json
import os
import sys
import time

quiet = os.open(os.devnull, os.O_RDWR)
actions = [(os.POSIX_SPAWN_DUP2, quiet, 0), (os.POSIX_SPAWN_DUP2, quiet, 1)]
started = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=actions)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - started
# Linux counts in KiB, macOS in bytes.
peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
cpu = usage.ru_utime + usage.ru_stime
print(json.dumps({"code": os.waitstatus_to_exitcode(status), "seconds": seconds, "peak": peak, "cpu": cpu}))
