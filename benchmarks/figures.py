"""What a benchmark reports."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure with the floor it must keep and the aim; *unit* is x, ms, % ..."""

    name: str
    value: float
    unit: str
    limit: float
    aim: float
    detail: str = ""

    @property
    def kept(self) -> bool:
        """Within its limit; of a share more is better, of all else less."""
        return self.value >= self.limit if self.unit == "%" else self.value <= self.limit

    def __str__(self) -> str:
        mark = "ok  " if self.kept else "MISS"
        return (
            f"{mark} {self.name}: {self.value:.3g} {self.unit}"
            f" (limit {self.limit:g}, aim {self.aim:g}) {self.detail}".rstrip()
        )
