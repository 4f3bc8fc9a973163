"""What a walk through every scene of a window finds; each walk is a process of its own, and a file of tests."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def walked(*tasks: str, **surroundings: str) -> dict[str, Any]:
    """What a walk through every scene finds, each task by itself: scene -> sentences."""
    child = subprocess.run(
        [sys.executable, HERE / "walk_child.py", "pictures=", *tasks],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **surroundings},
        capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr
    assert child.stderr == ""
    return json.loads(child.stdout)


def faults(found: dict[str, list[str]]) -> dict[str, list[str]]:
    assert len(found) > 50  # scenes
    return {scene: said for scene, said in found.items() if said}
