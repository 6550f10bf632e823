"""The page and what belongs to it: one policy, nothing from outside, every text everywhere."""

import re
from pathlib import Path

import httpx
import pytest

from gateway.dashboard.files import read_files
from gateway.dashboard.routes import VIEWS

APP = Path(__file__).resolve().parents[3] / "gateway" / "dashboard" / "app" / "src"


class TestThePage:
    @pytest.mark.parametrize("path", ["/", "/invoices", "/invoices/SW52b2ljZTox", "/setup"])
    async def test_is_the_same_for_every_view(self, client: httpx.AsyncClient, path: str) -> None:
        answer = await client.get(path)

        assert answer.status_code == 200
        assert answer.text.startswith("<!doctype html>")
        assert answer.headers["cache-control"] == "no-cache"

    async def test_runs_our_own_scripts_only(self, client: httpx.AsyncClient) -> None:
        policy = (await client.get("/")).headers["content-security-policy"]
        rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))

        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
        assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
        assert "unsafe" not in policy
        assert "http" not in policy

    async def test_knows_the_views_of_the_app(self) -> None:
        paths = re.findall(r'<Route path="/(\w+)', (APP / "app.tsx").read_text())

        assert set(paths) == set(VIEWS)

    async def test_stands_at_no_other_address(self, client: httpx.AsyncClient) -> None:
        for path in ("/nowhere", "/assets/none.js", "/assets/../index.html", "/index.html/x"):
            answer = await client.get(path)

            assert answer.status_code == 404, path


class TestFiles:
    async def test_with_a_hash_never_change(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/assets/index-abc.js", headers={"accept-encoding": "gzip"})

        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.text.count("word ") == 200

    async def test_that_are_known_are_not_sent_again(self, client: httpx.AsyncClient) -> None:
        first = await client.get("/icon.svg")
        again = await client.get("/icon.svg", headers={"if-none-match": first.headers["etag"]})

        assert first.headers["content-type"] == "image/svg+xml"
        assert again.status_code == 304
        assert again.content == b""

    def test_are_none_where_nothing_was_built(self, tmp_path: Path) -> None:
        assert read_files(tmp_path) == {}


class TestTexts:
    @pytest.mark.parametrize("language", ["fi", "sv", "nb"])
    def test_are_there_in_every_language(self, language: str) -> None:
        english, other = _catalogue("en"), _catalogue(language)

        assert other.keys() == english.keys()
        for key, text in english.items():
            assert _parameters(other[key]) == _parameters(text), key

    def test_that_are_asked_for_exist(self) -> None:
        english = _catalogue("en")
        used = {
            key
            for path in APP.rglob("*.tsx")
            for key in re.findall(r'\bt\("([\w.]+)"', path.read_text())
        }

        assert used - english.keys() == set()


def _catalogue(language: str) -> dict[str, str]:
    text = (APP / "i18n" / f"{language}.ts").read_text()
    return dict(re.findall(r'^  "?([\w.]+)"?: "(.*)",$', text, re.MULTILINE))


def _parameters(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))
