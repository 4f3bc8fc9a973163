"""Memory that goes back to the system."""

import platform
import subprocess
import sys

import pytest

GROWN = """
import ctypes, os, sys
from pqldesk.services.basics.memory import return_large_blocks

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]

def pages():
    return int(open("/proc/self/statm").read().split()[0])

if sys.argv[1] == "told":
    assert return_large_blocks()
libc.free(libc.malloc(16 << 20))  # glibc would raise its limit to this size now
before = pages()
large = [libc.malloc(8 << 20), libc.malloc(64)]
small = libc.malloc(64)  # keeps what is below it in the heap
libc.free(large[0])
print((pages() - before) * os.sysconf("SC_PAGE_SIZE") >> 20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such limit")
def test_a_large_block_goes_back_when_it_is_freed_though_a_larger_one_was_freed_before() -> None:
    def kept(how: str) -> int:
        done = subprocess.run([sys.executable, "-c", GROWN, how], capture_output=True, check=True, timeout=60)
        return int(done.stdout)

    assert kept("told") == 0
    assert kept("not told") >= 4  # 8, less what the heap had to spare at its end
