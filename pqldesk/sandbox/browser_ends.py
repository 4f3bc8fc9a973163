"""Becomes a program whose descriptors 3 and 4 are two given ones: ``browser_ends READ WRITE PROGRAM [ARGUMENT ...]``.

Chromium's --remote-debugging-pipe listens on 3 and answers on 4. They cannot be set in a forked child of a program with
threads without running Python between fork and exec, so this process, which has one thread, sets them.
"""

import fcntl
import os
import sys

if __name__ == "__main__":
    ends = [
        fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]
    ]  # first out of the way of 3 and 4
    os.dup2(ends[0], 3)
    os.dup2(ends[1], 4)
    os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 - the browser that was looked up
