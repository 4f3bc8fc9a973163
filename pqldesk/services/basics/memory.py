"""Memory of a process that stays open all day."""

import sys
from contextlib import suppress

_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_LARGE = 256 * 1024


def return_large_blocks() -> bool:
    """Have blocks of 256 kB and more go back to the system as soon as they are freed, where glibc is used.

    By itself it raises that limit to the largest block ever freed: orders of a million leads then lie in the heap
    between small ones, and after a few sorts 25 MB stayed with the process. Answers whether the library took it.
    """
    if sys.platform == "linux":
        import ctypes

        with suppress(AttributeError, OSError):  # another C library has no such option
            return bool(ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE) == 1)
    return False
