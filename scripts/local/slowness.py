"""How much slower this machine is now than a quiet one: what tests that promise seconds are measured by."""

import os
import subprocess
import sys

ROUNDS = 4_000_000
SECONDS = 0.42  # what they take on each of two cores of the machine of docs/performance.md, with nothing else to do
LOOP = f"""
import time
began, total = time.perf_counter(), 0
for number in range({ROUNDS}):
    total += number * number % 7
print(time.perf_counter() - began)
"""


def slowness() -> float:
    """Return a factor, 1 on a quiet machine, more on a slow one and where others use it too. Takes a moment.

    Every core runs the loop at the same time: what is measured with it starts several processes, and one loop alone
    would find the core that happens to be free.
    """
    loops = [
        subprocess.Popen([sys.executable, "-I", "-S", "-c", LOOP], stdout=subprocess.PIPE, text=True)
        for _ in range(os.cpu_count() or 1)
    ]
    seconds = [float(loop.communicate()[0]) for loop in loops]
    return max(1.0, sum(seconds) / len(seconds) / SECONDS)
