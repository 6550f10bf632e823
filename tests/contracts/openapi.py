"""The vendors' OpenAPI documents as validators: queries, request bodies and answers.

The documents are reference data that lies beside the project; without them `load` returns None
and only our own lists of required fields are checked.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator

from schema.words import Side

FOLDER = Path(__file__).parents[3] / "shared" / "contracts"
FILES = {Side.SEVERA: "severa.openapi.json", Side.FINANCIALS: "visma-net.openapi.json"}
_INDEXED = re.compile(r"\[\d+\].*$")
_formats = FormatChecker(formats=())


def load(side: Side) -> "Document | None":
    """Read the document of one vendor, None when it does not lie beside the project."""
    path = FOLDER / FILES[side]
    if not path.exists():
        return None
    return Document(json.loads(path.read_text()))


class Document:
    """One OpenAPI document, ready to judge exchanges."""

    def __init__(self, text: dict[str, Any]) -> None:
        self.paths: dict[str, Any] = text["paths"]
        self._parameters: dict[str, Any] = text["components"].get("parameters", {})
        self._responses: dict[str, Any] = text["components"].get("responses", {})
        schemas = {name: _strict(body) for name, body in text["components"]["schemas"].items()}
        schemas.update(_corrections(schemas))
        self._root = {"components": {"schemas": schemas}}
        self._validators: dict[str, Validator] = {}

    def operation(self, name: str) -> dict[str, Any] | None:
        """Return what the document says about `METHOD /path-template`."""
        method, path = name.split(" ", 1)
        found: dict[str, Any] | None = self.paths.get(path, {}).get(method.lower())
        return found

    def parameters(self, name: str) -> dict[str, Any]:
        """Return the query parameters of an operation by name."""
        found = {}
        for parameter in (self.operation(name) or {}).get("parameters", ()):
            whole = self._referred(parameter, self._parameters)
            if whole["in"] == "query":
                found[whole["name"]] = whole.get("schema", {})
        return found

    def takes_header(self, name: str, header: str) -> bool:
        """Tell whether an operation declares a header."""
        parameters = (self.operation(name) or {}).get("parameters", ())
        wholes = (self._referred(parameter, self._parameters) for parameter in parameters)
        return any(w["in"] == "header" and w["name"].lower() == header.lower() for w in wholes)

    def query_faults(self, name: str, query: str) -> Iterator[str]:
        """Name every query parameter that is unknown or has a value of a wrong kind."""
        known = self.parameters(name)
        for key, value in parse_qsl(query, keep_blank_values=True):
            schema = known.get(_INDEXED.sub("", key))
            if schema is None:
                yield f"query parameter {key} is unknown"
            elif not _query_value(value, schema):
                yield f"query parameter {key} has the value {value!r}"

    def request_faults(self, name: str, body: Any) -> Iterator[str]:
        """Name everything in a request body that the document does not allow."""
        operation = self.operation(name)
        if operation is None:
            yield "the operation is not in the document"
            return
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if body is None or (schema is None and "multipart/form-data" in content):
            return
        if schema is None:
            yield "the operation takes no JSON body"
            return
        yield from self._faults(f"{name} request", schema, body, whole=True)
        if operation.get("requestBody", {}).get("description", "").startswith("JSON patch"):
            yield from self._patch_faults(name, body)

    def answer_faults(self, name: str, status: int, body: Any, *, rows: int) -> Iterator[str]:
        """Name everything in an answer that the document does not allow."""
        operation = self.operation(name)
        if operation is None:
            yield "the operation is not in the document"
            return
        responses = operation["responses"]
        declared = responses.get(str(status)) or (responses.get("default") if status >= 400 else {})
        if not declared:
            yield f"status {status} is not declared"
            return
        declared = self._referred(declared, self._responses)
        schema = declared.get("content", {}).get("application/json", {}).get("schema")
        if schema is None or isinstance(body, bytes) or body is None:
            return
        if isinstance(body, list) and schema.get("type") == "array":
            body = [*body[:rows], *body[-2:]] if len(body) > rows + 2 else body
        yield from self._faults(f"{name} {status}", schema, body)

    def fields(self, name: str) -> dict[str, Any]:
        """Return the members of the record that an operation answers with."""
        operation = self.operation(name) or {"responses": {}}
        for status in ("200", "201"):
            content = operation["responses"].get(status, {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            if schema is not None:
                return self.members(schema)
        return {}

    def members(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the members of an object schema, through references, lists and null."""
        schema = self.resolved(schema)
        if "items" in schema:
            return self.members(schema["items"])
        found: dict[str, Any] = schema.get("properties", {})
        return found

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Follow references to the schema itself."""
        while True:
            if "anyOf" in schema:
                schema = next(s for s in schema["anyOf"] if s != {"type": "null"})
            elif "$ref" in schema:
                schema = self._schemas[schema["$ref"].rsplit("/", 1)[1]]
            else:
                return schema

    @cached_property
    def _schemas(self) -> dict[str, Any]:
        schemas: dict[str, Any] = self._root["components"]["schemas"]
        return schemas

    def _patch_faults(self, name: str, body: Any) -> Iterator[str]:
        for step in body if isinstance(body, list) else ():
            members = self.fields(name)
            for segment in str(step.get("path", "")).lstrip("/").split("/"):
                if segment not in members:
                    yield f"patch path {step.get('path')} is not in the model"
                    break
                members = self.members(members[segment])

    def _faults(
        self, name: str, schema: dict[str, Any], body: Any, *, whole: bool = False
    ) -> Iterator[str]:
        validator = self._validators.get(name)
        if validator is None:
            compiled = {**self._root, **_strict(schema)}
            validator = Draft202012Validator(compiled, format_checker=_formats)
            self._validators[name] = validator
        for error in validator.iter_errors(body):
            place = "/".join(str(part) for part in error.absolute_path)
            yield f"{'request' if whole else 'answer'} {place}: {error.message[:200]}"

    def _referred(self, value: dict[str, Any], pool: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in value:
            return value
        found: dict[str, Any] = pool[value["$ref"].rsplit("/", 1)[1]]
        return found


def _strict(schema: Any) -> Any:
    """Return a schema in which `nullable` works beside `$ref`, and names must be known."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _strict(item) for name, item in schema.items() if name != "nullable"}
    if isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    if schema.get("nullable") is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


def _corrections(schemas: dict[str, Any]) -> dict[str, Any]:
    """Say what the documents say wrongly or leave out.

    A patch value may be of any kind and its operation in lower case; every row of a paged list
    carries metadata, also the one whose schema forgot it.
    """
    if "PatchOperation" not in schemas:
        task = schemas["TaskExtendedDto"]
        metadata = schemas["CustomerDto"]["properties"]["metadata"]
        return {
            "TaskExtendedDto": {**task, "properties": {**task["properties"], "metadata": metadata}}
        }
    properties = {
        "op": {"type": "string", "pattern": "^[Rr]eplace$"},
        "path": {"type": "string", "pattern": "^/"},
        "value": {},
    }
    return {
        "PatchOperation": {
            "type": "object",
            "properties": properties,
            "required": ["op", "path", "value"],
            "additionalProperties": False,
        }
    }


def _query_value(value: str, schema: dict[str, Any]) -> bool:
    kind = schema.get("type")
    if kind == "array":
        return _query_value(value, schema.get("items", {}))
    if "enum" in schema and value not in schema["enum"]:
        return False
    if kind == "integer":
        return re.fullmatch(r"-?\d+", value) is not None
    if kind == "boolean":
        return value in ("true", "false")
    if kind == "number":
        return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    return schema.get("format") != "date-time" or _is_moment(value)


@_formats.checks("date-time")
def _is_moment(value: Any) -> bool:
    """Accept a moment with or without a zone: Financials shows local times."""
    if not isinstance(value, str):
        return True
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return "T" in value


@_formats.checks("date")
def _is_day(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return len(value) == 10


@_formats.checks("uuid")
def _is_uuid(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        UUID(value)
    except ValueError:
        return False
    return True


@_formats.checks("byte")
def _is_base64(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        return False
    return True
