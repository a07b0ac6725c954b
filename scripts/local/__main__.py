"""Entry of scripts/run, manage, chaos, bench, test and check, inside the virtual environment."""

import signal
import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.local import causes, options, variables
from scripts.local.processes import StackError

MODULES = {
    "run": "scripts.local.run",
    "manage": "scripts.local.manage",
    "chaos": "scripts.resilience.command",
    "bench": "scripts.bench.__main__",
    "local-backup": "scripts.local.backup",
    "local-restore": "scripts.local.restore",
    "containers": "scripts.containers.__main__",
    "test": "scripts.local.suite",
    "check": "scripts.gate.main",
}


def main(verb: str, arguments: list[str]) -> int:
    """Run one of the commands and return its exit code."""
    try:
        code: int = import_module(MODULES[verb]).main(arguments)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except variables.Unusable as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has gone
        return 128 + signal.SIGPIPE
    except OSError as error:
        print(causes.explain(error, command=options.command(verb)), file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
