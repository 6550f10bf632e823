"""How far the story of a data directory has been told, so that the next start goes on there."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from gateway.demo.files import read_json, write_json


@dataclass(slots=True, kw_only=True)
class Told:
    """The part of the story that has happened; written down after every step of it."""

    path: Path
    first_sync: bool = False
    invoices: list[str] = field(default_factory=list)
    credit_notes: list[str] = field(default_factory=list)
    mismatch: dict[str, str] = field(default_factory=dict)
    mismatch_way: list[str] = field(default_factory=list)
    paid: list[str] = field(default_factory=list)
    paid_in_part: list[str] = field(default_factory=list)
    settled: bool = False

    @property
    def all(self) -> list[str]:
        """Every document of the story."""
        return self.invoices + self.credit_notes

    def save(self) -> None:
        """Write down what has happened."""
        write_json(self.path, {k: v for k, v in asdict(self).items() if k != "path"})

    def passed(self, state: str) -> None:
        """Note a state that the mismatched invoice was seen in for the first time."""
        if state not in self.mismatch_way:
            self.mismatch_way.append(state)
            self.save()


def open_told(data_dir: Path, *, anew: bool) -> Told:
    """Read how far the story is, or start it anew."""
    path = data_dir / "story.json"
    if anew:
        path.unlink(missing_ok=True)
    return Told(path=path, **read_json(path))
