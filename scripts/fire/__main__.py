"""Entry: `python -m scripts.fire [SCENARIO] …`."""

import sys

from scripts.fire.command import main

sys.exit(main(sys.argv[1:]))
