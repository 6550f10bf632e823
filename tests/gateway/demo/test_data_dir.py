"""What a data directory remembers, and how its files are written."""

import json
import stat
from pathlib import Path

import pytest

from gateway.demo.demo_file import DemoFile
from gateway.demo.files import FileUnreadable, read_json, write_json
from gateway.demo.house import House
from gateway.demo.keep import OtherSample, open_keep
from gateway.demo.options import Options
from gateway.demo.progress import open_told
from gateway.embedded.lock import DataDirBusy
from schema.secrets import Vault


class TestFiles:
    def test_are_private(self, tmp_path: Path) -> None:
        write_json(tmp_path / "x.json", {"a": 1})

        assert stat.S_IMODE((tmp_path / "x.json").stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == ["x.json"]

    def test_that_are_missing_are_empty(self, tmp_path: Path) -> None:
        assert read_json(tmp_path / "x.json") == {}

    @pytest.mark.parametrize("text", ["", "[1]", "{"])
    def test_that_are_damaged_are_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "x.json").write_text(text)

        with pytest.raises(FileUnreadable, match=r"x\.json cannot be read"):
            read_json(tmp_path / "x.json")


class TestKeep:
    def test_keeps_keys_and_secrets(self, tmp_path: Path) -> None:
        first = open_keep(Options(data_dir=tmp_path))
        second = open_keep(Options(data_dir=tmp_path))

        assert first == second
        assert Vault(first.secret_keys).fingerprints
        assert first.severa_secret.startswith("whsec_")

    def test_remembers_the_sample(self, tmp_path: Path) -> None:
        open_keep(Options(data_dir=tmp_path, size="medium", seed=0))

        assert open_keep(Options(data_dir=tmp_path)).size == "medium"
        assert open_keep(Options(data_dir=tmp_path, seed=0)).seed == 0

    @pytest.mark.parametrize("other", [{"size": "large"}, {"seed": 2}])
    def test_refuses_another_sample(self, tmp_path: Path, other: dict[str, object]) -> None:
        open_keep(Options(data_dir=tmp_path))

        with pytest.raises(OtherSample, match="size small and seed 1"):
            open_keep(Options(data_dir=tmp_path, **other))  # type: ignore[arg-type]

    def test_refuses_a_file_of_another_version(self, tmp_path: Path) -> None:
        write_json(tmp_path / "keep.json", {"size": "small"})

        with pytest.raises(FileUnreadable):
            open_keep(Options(data_dir=tmp_path))


class TestDemoFile:
    def test_is_written_when_the_demo_serves(self, tmp_path: Path) -> None:
        file = DemoFile(tmp_path / "demo.json")
        file.set_pid("worker", 7)

        assert not file.path.exists()

        file.publish({"graphqlUrl": "http://x"})

        assert json.loads(file.path.read_text()) == {
            "graphqlUrl": "http://x",
            "pids": {"gateway": None, "worker": 7, "sandbox": None},
        }

    def test_follows_the_process_ids(self, tmp_path: Path) -> None:
        file = DemoFile(tmp_path / "demo.json")
        file.publish({})
        file.set_pid("worker", 8)

        assert json.loads(file.path.read_text())["pids"]["worker"] == 8

    def test_of_an_earlier_run_is_removed(self, tmp_path: Path) -> None:
        (tmp_path / "demo.json").write_text("{}")
        DemoFile(tmp_path / "demo.json")

        assert not (tmp_path / "demo.json").exists()


class TestTold:
    def test_goes_on_where_it_stopped(self, tmp_path: Path) -> None:
        told = open_told(tmp_path, anew=False)
        told.invoices = ["a"]
        told.passed("FAILED")
        told.passed("FAILED")

        again = open_told(tmp_path, anew=False)

        assert (again.invoices, again.mismatch_way) == (["a"], ["FAILED"])

    def test_starts_anew_for_new_companies(self, tmp_path: Path) -> None:
        open_told(tmp_path, anew=False).passed("FAILED")

        assert open_told(tmp_path, anew=True).mismatch_way == []


class TestHouse:
    async def test_refuses_a_directory_in_use(self, tmp_path: Path) -> None:
        options = Options(data_dir=tmp_path)
        async with House(options=options, port=1):
            with pytest.raises(DataDirBusy, match="in use by a running demo"):
                House(options=options, port=2)

    async def test_gives_its_directory_back(self, tmp_path: Path) -> None:
        options = Options(data_dir=tmp_path)
        async with House(options=options, port=1):
            pass

        async with House(options=options, port=1) as house:
            assert house.data_dir == tmp_path
