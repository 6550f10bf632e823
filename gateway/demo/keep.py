"""What a data directory remembers between two starts: the sample, the keys, the secrets."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path

from gateway.demo.files import FileUnreadable, read_json, write_json
from gateway.demo.options import Options
from schema.errors import ConfigError
from schema.secrets import new_key, new_webhook_secret


class OtherSample(ConfigError):
    """The data directory holds a demo of another size or seed."""

    code = "other_sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """The memory of a data directory, in a file that only its user may read."""

    size: str
    seed: int
    secret_keys: str
    severa_secret: str
    financials_secret: str
    api_key: str = ""
    read_only_key: str = ""


def open_keep(options: Options) -> Keep:
    """Read the memory of the data directory, or begin one.

    Raises OtherSample when the command line asks for another sample than the one inside.
    """
    path = options.data_dir / "keep.json"
    found = read_json(path)
    keep = _known(found, path) if found else _fresh(options)
    _refuse_other(options, keep)
    save_keep(options.data_dir, keep)
    return keep


def save_keep(data_dir: Path, keep: Keep) -> None:
    """Write the memory down."""
    write_json(data_dir / "keep.json", asdict(keep))


def _fresh(options: Options) -> Keep:
    return Keep(
        size=options.size or "small",
        seed=1 if options.seed is None else options.seed,
        secret_keys=new_key(),
        severa_secret=new_webhook_secret(),
        financials_secret=new_webhook_secret(),
    )


def _known(found: dict[str, object], path: Path) -> Keep:
    if set(found) != {field.name for field in fields(Keep)}:
        raise FileUnreadable(path)
    return Keep(**found)  # type: ignore[arg-type] # The names were compared one line above.


def _refuse_other(options: Options, keep: Keep) -> None:
    size, seed = options.size or keep.size, options.seed
    if size != keep.size or (keep.seed if seed is None else seed) != keep.seed:
        raise OtherSample(
            f"The data directory {options.data_dir} holds a demo of size {keep.size} and seed "
            f"{keep.seed}; choose another --data-dir, or remove it to start new."
        )
