"""What the bundle starts: PQLDesk, or one of its modules as a child process asks for it.

Children are started as ``sys.executable -m MODULE ...``. In a bundle that executable is this program, so it answers
``-m`` as an interpreter would, for PQLDesk's own modules and no others.
"""

import runpy
import sys
from multiprocessing import freeze_support

from pqldesk.__main__ import main


def _start() -> int:
    freeze_support()  # a child of multiprocessing is this program too
    match sys.argv[1:]:
        case ["-m", str(module), *rest] if module.partition(".")[0] == "pqldesk":
            sys.argv = [module, *rest]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
            return 0
        case _:
            return main()


if __name__ == "__main__":
    sys.exit(_start())
