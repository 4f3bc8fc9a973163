"""``python -m pqldesk.sandbox NAME``: one double of an outside system, serving on loopback until told to stop."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from pqldesk.sandbox import SANDBOXES
from pqldesk.sandbox.server import serve


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the sandbox named first on the command line; 0 once it was stopped."""
    parser = argparse.ArgumentParser(prog="python -m pqldesk.sandbox", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    modules = {name: importlib.import_module(path) for name, path in SANDBOXES.items()}
    for name, module in modules.items():
        options = names.add_parser(name, help=f"double of {name}")
        options.add_argument("--port", type=int, default=0, help="0 picks a free port")
        module.add_options(options)
    chosen = parser.parse_args(argv)
    try:
        serve(modules[chosen.name].build(chosen), chosen.port)
    except OSError as why:
        print(f"sandbox {chosen.name}: {why}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
