"""A setting of SQLite's library that Python's module has no word for.

SQLite counts the memory it has, under one lock of the whole process, at each piece that it takes and gives back: some
hundreds of times an answer, for a number that nobody asks. Its makers advise to leave that off
(SQLITE_DEFAULT_MEMSTATUS in their list of options for compilation), but Python comes with SQLite as it was compiled.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import sys
from functools import cache

_MEMORY_STATUS = 9  # SQLITE_CONFIG_MEMSTATUS
_OK = 0


@cache
def count_no_memory() -> bool:
    """For connections that are opened from now on, once for the process. False: it is left as it is, because it counts
    nothing anyway, because somebody has a connection already, or because this is no Linux, where a function of C takes
    its arguments as we give them."""
    if sys.platform != "linux":
        return False
    try:
        library = ctypes.CDLL(_sqlite3.__file__)
        used, end, begin = library.sqlite3_memory_used, library.sqlite3_shutdown, library.sqlite3_initialize
        set_up, was_compiled = library.sqlite3_config, library.sqlite3_compileoption_used
    except (OSError, AttributeError):  # it is part of another library, or of Python itself
        return False
    used.restype = ctypes.c_int64
    if used() or was_compiled(b"DEFAULT_MEMSTATUS=0"):
        return False
    end()
    is_set: bool = set_up(_MEMORY_STATUS, 0) == _OK
    begin()
    return is_set
