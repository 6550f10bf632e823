"""Models and migrations agree, and a model that ran ahead of its migration is found (D1)."""

import asyncpg
import pytest
from sqlalchemy import MetaData
from tortoise import fields

from schema import metadata, migrate, models
from schema.migrate import Drift, NotMigrated


@pytest.fixture
def changed_models(monkeypatch: pytest.MonkeyPatch) -> MetaData:
    """The tables of the models, to be changed for one test without touching a file."""
    tables = metadata.build()
    monkeypatch.setattr(metadata, "build", lambda: tables)
    return tables


class TestDrift:
    async def test_is_none_on_a_migrated_database(self, database: str) -> None:
        await migrate.check(database)

    async def test_of_a_column_in_a_model_only_is_found(
        self, database: str, changed_models: MetaData
    ) -> None:
        column = metadata._column(_named(fields.TextField(null=True), "nickname"))
        changed_models.tables["customer"].append_column(column)

        with pytest.raises(Drift, match="nickname"):
            await migrate.check(database)

    async def test_of_a_missing_column_is_found(
        self, database: str, changed_models: MetaData
    ) -> None:
        await _run(database, "ALTER TABLE customer DROP COLUMN email")

        with pytest.raises(Drift, match="email"):
            await migrate.check(database)

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ("ALTER TABLE invoice ALTER COLUMN number TYPE text", "number"),
            ("ALTER TABLE invoice ALTER COLUMN currency DROP NOT NULL", "currency"),
            ("DROP INDEX job_queued_once", "job_queued_once"),
            ("DROP INDEX invoice_date", "invoice_date"),
            ("ALTER TABLE link DROP CONSTRAINT uq_link_record_id_side", "add_constraint"),
            ("CREATE TABLE left_behind (id int)", "left_behind"),
        ],
        ids=lambda text: text.split()[-1] if " " in text else text,
    )
    async def test_of_types_indexes_and_tables_is_found(
        self, database: str, change: str, word: str
    ) -> None:
        await _run(database, change)

        with pytest.raises(Drift, match=word):
            await migrate.check(database)


class TestModels:
    def test_are_all_restated(self) -> None:
        tables = set(metadata.build().tables)
        wanted = {getattr(models, name)._meta.db_table for name in models.__all__}

        assert tables == wanted

    def test_extra_indexes_belong_to_tables(self) -> None:
        assert set(metadata.EXTRA_INDEXES) <= set(metadata.build().tables)


class TestRevision:
    async def test_of_an_empty_database_is_refused_with_the_command(
        self, empty_database: str
    ) -> None:
        with pytest.raises(NotMigrated, match="severa-gateway migrate"):
            await migrate.require_head(empty_database)

    async def test_of_a_migrated_database_is_the_newest(self, database: str) -> None:
        await migrate.require_head(database)


def _named(field: fields.TextField, name: str) -> fields.TextField:
    field.model_field_name = name
    return field


async def _run(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
