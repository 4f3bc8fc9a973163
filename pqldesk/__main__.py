"""``python -m pqldesk`` and the ``pqldesk`` command."""

import sys

from pqldesk import cli


def main() -> int:
    """Run the command line; the exit code."""
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
