"""What contract tests share."""

from tests.contracts.openapi import FOLDER

# Without the vendors' documents there is nothing to hold the tables against.
collect_ignore = [] if FOLDER.exists() else ["test_openapi.py"]
