"""A mixed load for many minutes with restarts in it: nothing fails, nothing is lost, and nothing grows."""

from __future__ import annotations

from scripts.resilience.long.report import lines as lines
from scripts.resilience.long.scenario import arguments as arguments
from scripts.resilience.long.scenario import run as run
