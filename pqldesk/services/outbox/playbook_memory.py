"""What was already so when a playbook was approved: one bit for a lead, packed, beside the connection's settings."""

import base64
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Self

KEY = "playbooks"
CLAIMS = "claims_from"


class Memory:
    """Sets of lead numbers by name. A million leads take 125 KB before compression."""

    def __init__(self) -> None:
        self._bits: dict[str, bytes] = {}
        self.claims_from: int | None = None

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Self:
        """What *settings* of a connection remember."""
        memory = cls()
        for name, packed in settings.get(KEY, {}).items():
            if name == CLAIMS:
                memory.claims_from = packed
            else:
                memory._bits[name] = zlib.decompress(base64.b64decode(packed))
        return memory

    def written(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """*settings* with this memory in them."""
        kept: dict[str, Any] = {
            name: base64.b64encode(zlib.compress(bits)).decode() for name, bits in self._bits.items()
        }
        if self.claims_from is not None:
            kept[CLAIMS] = self.claims_from
        return {**settings, KEY: kept}

    def set(self, name: str, lead_ids: Iterable[int]) -> None:
        """Remember exactly *lead_ids* under *name*."""
        ids = list(lead_ids)
        bits = bytearray(max(ids, default=0) // 8 + 1)
        for lead_id in ids:
            bits[lead_id >> 3] |= 1 << (lead_id & 7)
        self._bits[name] = bytes(bits)

    def has(self, name: str, lead_id: int) -> bool:
        """Whether the lead is remembered under *name*."""
        bits = self._bits.get(name, b"")
        return lead_id >> 3 < len(bits) and bool(bits[lead_id >> 3] >> (lead_id & 7) & 1)

    def claimed_before(self, at: int) -> bool:
        """Whether a claim of that moment was there before claims were written."""
        return self.claims_from is not None and at < self.claims_from
