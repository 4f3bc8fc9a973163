"""What fuzzing begins with: real files, and bodies that vendors' libraries sent.

usage: python -m tests.fuzz.seeds FOLDER
"""

import json
import sys
from pathlib import Path
from urllib.parse import urlencode

from tests.fuzz.files import KINDS, NAMES
from tests.services.files.test_fuzzed_files import SEEDS

RECORDED = Path(__file__).parent.parent / "data/recorded"
SYSTEMS = 10  # of calls.py; a body is tried as each system's


def main() -> None:
    folder = Path(sys.argv[1])
    for room in ("files", "calls"):
        (folder / room).mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        called = "x" + name[name.index(".") :]
        if called in NAMES:
            for kind in range(len(KINDS)):
                seed = bytes([NAMES.index(called), kind]) + data
                (folder / "files" / f"{name}-{kind}").write_bytes(seed)
    bodies: dict[tuple[str, int], bytes] = {}
    for path in RECORDED.glob("*.json"):
        for number, call in enumerate(json.loads(path.read_text("utf-8")).get("requests", ())):
            if form := call.get("body_form"):
                bodies[path.stem, number] = urlencode([(name, value) for name, value in form]).encode()
            elif said := call.get("body_json"):
                bodies[path.stem, number] = json.dumps(said).encode()
    for (name, number), body in bodies.items():
        for system in range(SYSTEMS):
            (folder / "calls" / f"{name}-{number}-{system}").write_bytes(bytes([system, 0]) + body)


if __name__ == "__main__":
    main()
