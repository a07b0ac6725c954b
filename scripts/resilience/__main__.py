"""Entry: `python -m scripts.resilience [SCENARIO] …`."""

import sys

from scripts.resilience.command import main

sys.exit(main(sys.argv[1:]))
