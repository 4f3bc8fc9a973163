"""``python -m pqldesk`` and the ``pqldesk`` command."""

import sys

from pqldesk import cli
from pqldesk.services.basics.bugs import watch


def main() -> int:
    """Run the command line; the exit code."""
    watch()
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
