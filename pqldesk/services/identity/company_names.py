"""Company names as they are compared: folded, without legal forms and punctuation."""

import re
import unicodedata
from functools import lru_cache

# What is left out at the end of a name ("Acme GmbH" is "Acme"), longest first.
LEGAL_FORMS = (
    "gesellschaft mit beschränkter haftung", "gesellschaft mbh", "aktiengesellschaft", "public limited company",
    "limited liability company", "private limited", "pty limited", "pvt limited", "incorporated", "corporation",
    "gmbh und co kg", "gmbh co kg", "co kg", "co ltd", "pty ltd", "pte ltd", "pvt ltd", "sdn bhd", "sp z oo",
    "sp z o o", "s a s", "s p a", "s r l", "s a", "b v", "n v", "a s", "limited", "company", "gmbh", "mbh", "corp",
    "inc", "llc", "llp", "ltd", "plc", "kgaa", "kg", "ag", "se", "ug", "ohg", "gbr", "ev", "sas", "sarl", "sa", "spa",
    "srl", "bv", "nv", "ab", "as", "asa", "oy", "oyj", "aps", "kk", "pte", "pty", "co", "lp", "sl", "slu", "kft",
    "株式会社", "有限会社", "有限公司", "股份有限公司", "ооо", "оао", "зао", "пао",
)  # fmt: skip
_ENDS = re.compile(r"(?:^|\s)(?:" + "|".join(re.escape(form) for form in LEGAL_FORMS) + r")$")
_JOINED = ("株式会社", "有限会社", "股份有限公司", "有限公司")  # written without a space
_MARKS = re.compile(r"[^\w\s]|_")


@lru_cache(maxsize=65_536)
def stripped_name(name: str) -> str:
    """``Acme, Inc.`` and ``ACME GmbH`` are both ``acme``; a name that is a legal form alone stays itself."""
    folded = unicodedata.normalize("NFKC", name).casefold().replace("&", " und ").replace(" and ", " und ")
    plain = " ".join(_MARKS.sub(" ", folded.replace(".", "")).split())
    kept = plain
    while True:
        for form in _JOINED:
            kept = kept.removeprefix(form).removesuffix(form).strip()
        shorter = _ENDS.sub("", kept).removesuffix(" und").strip()
        if shorter == kept:
            return kept or plain
        kept = shorter
        if not kept:
            return plain
