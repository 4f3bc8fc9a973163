"""Bytes of any kind as the body of a call of each system: refused with a status, or read item by item.

usage: python -m tests.fuzz.calls [FOLDER] [options of libFuzzer such as -max_total_time=60]

The first byte chooses the system, the second how the body is packed; the rest is the body. FOLDER and crash-HASH are as
in files.py.
"""

import sys
from collections import Counter

import atheris

with atheris.instrument_imports(
    include=["pqldesk.services.calls", "pqldesk.services.intake", "pqldesk.services.files"]
):
    from pqldesk.services.calls.readers import READERS
    from pqldesk.services.calls.reading import Reading
    from pqldesk.services.events import deriving
    from pqldesk.services.events.rules import EventRules
    from pqldesk.services.files.options import ValueOptions
    from pqldesk.services.files.values import BadValue
    from pqldesk.services.intake.answers import Refusal
    from pqldesk.services.intake.decoding import document, fields, inflated

SYSTEMS = sorted(READERS)
ENCODINGS = ("", "", "", "gzip", "deflate", "br", "gzip, deflate")
AT = 1_794_994_200_000_000


def read(data: bytes) -> None:
    """One call."""
    if len(data) < 3:
        return
    system, options = SYSTEMS[data[0] % len(SYSTEMS)], ValueOptions()
    try:
        body = inflated(data[2:], ENCODINGS[data[1] % len(ENCODINGS)])
        fields(body)
        found = document(body)
    except Refusal as refused:
        if not 400 <= refused.status < 500:
            raise AssertionError(refused.status) from None
        return
    reading = Reading(options, AT, AT - 1_000_000)
    rules = EventRules(system, [], {})
    for item in found if isinstance(found, list) else [found]:
        try:
            deriving._read(item, system, reading, rules, Counter(), {})
        except BadValue as wrong:
            if not str(wrong):
                raise AssertionError("no reason") from None


def main() -> None:
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
