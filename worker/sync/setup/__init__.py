"""The test of an integration: facts from both sides, verdicts of the checks, what is kept."""
