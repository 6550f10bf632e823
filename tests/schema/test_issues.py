"""The catalogue of issues: complete sentences that tell a person what to do."""

import pytest

from schema.issues import CATALOGUE, IssueType

ALL = pytest.mark.parametrize("issue", CATALOGUE.values(), ids=lambda issue: issue.code)


@ALL
class TestIssue:
    def test_has_a_short_title(self, issue: IssueType) -> None:
        assert 5 < len(issue.title) <= 80
        assert not issue.title.endswith(".")

    def test_says_what_to_do_in_a_sentence(self, issue: IssueType) -> None:
        assert issue.next_step.endswith(".")
        assert issue.next_step[0].isupper()

    def test_says_who_can_do_it(self, issue: IssueType) -> None:
        assert issue.fixable_by


class TestCatalogue:
    def test_codes_are_words(self) -> None:
        assert all(code.replace("_", "").isalpha() and code.islower() for code in CATALOGUE)

    def test_titles_are_told_apart(self) -> None:
        titles = [issue.title for issue in CATALOGUE.values()]

        assert len(set(titles)) == len(titles)
