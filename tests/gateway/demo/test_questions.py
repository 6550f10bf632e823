"""The demo asks only what the public schema offers."""

import pytest
from graphql import build_schema, parse, validate

from gateway.demo import questions
from gateway.graphql.schema import schema

NAMES = [name for name in dir(questions) if name.isupper()]


@pytest.mark.parametrize("name", NAMES)
def test_question_fits_the_schema(name: str) -> None:
    assert validate(build_schema(schema.as_str()), parse(getattr(questions, name))) == []
