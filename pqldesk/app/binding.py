"""What PySide does at each import of a module, left out: it reads the module's source and keeps its lines.

It looks for its own name there, so that ``from __feature__ import snake_case`` takes effect in modules that use it and
in no other. Nothing here does that. A window needs 26 MB of 196 less without, and starts 20 ms of 330 sooner.
"""

import sys
from typing import Any

from PySide6 import QtCore as QtCore

_FEATURES = "shibokensupport.feature"  # comes with QtCore


def read_no_sources() -> None:
    """From now on. Where another PySide does it in another way, nothing changes, and a test says so."""
    features: Any = sys.modules.get(_FEATURES)
    if features is not None and hasattr(features, "_mod_uses_pyside"):
        features._mod_uses_pyside = lambda _module: False


read_no_sources()
