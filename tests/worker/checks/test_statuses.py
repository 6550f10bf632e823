"""The status linter accepts the vendor's three examples and refuses every wrong change of them.

Examples: R88 to R96 (approval and AutoInvoice), R97 to R104 (sent from Severa), R122 to R128
(AutoInvoice). A change counts as refused when the linter names it in words of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from schema.words import Role
from worker.checks.statuses import RolesUnclear, Status, infer_roles, lint

Set = tuple[Status, ...]
FLAGS = ("read_only", "has_number", "sent", "paid")


def _set(*rows: tuple[str, str], default: str, credit: str) -> Set:
    """Build a status set; the marks of a row are e, n, s, p: not editable, number, sent, paid."""
    return tuple(
        Status(
            id=f"guid-{place}",
            name=name,
            order=place,
            read_only="e" in marks,
            has_number="n" in marks,
            sent="s" in marks,
            paid="p" in marks,
            default=name == default,
            credit_default=name == credit,
        )
        for place, (name, marks) in enumerate(rows, start=1)
    )


APPROVAL = _set(
    ("Failed invoices", ""),
    ("Draft", ""),
    ("Waiting for approval", ""),
    ("Approved, ready for Financials", "e"),
    ("In Financials, send to customer", "ens"),
    ("Sent", "ens"),
    ("Partially paid", "ens"),
    ("Paid", "ensp"),
    default="Draft",
    credit="Approved, ready for Financials",
)
_PLAIN_ROWS = (
    ("Failed invoices", ""),
    ("Draft", ""),
    ("Send to Financials", "e"),
    ("In Financials, send to customer", "ens"),
    ("Sent", "ens"),
    ("Partially paid", "ens"),
    ("Paid", "ensp"),
)
PLAIN = _set(*_PLAIN_ROWS, default="Draft", credit="Send to Financials")
AUTOINVOICE = _set(*_PLAIN_ROWS, default="Draft", credit="Send to Financials")
EXAMPLES = {"approval": APPROVAL, "plain": PLAIN, "autoinvoice": AUTOINVOICE}
PLACES = {
    "approval": (0, 1, 3, 4, 5, 6, 7),
    "plain": (0, 1, 2, 3, 4, 5, 6),
    "autoinvoice": (0, 1, 2, 3, 4, 5, 6),
}


def _with(statuses: Set, place: int, **changes: object) -> Set:
    rows = list(statuses)
    rows[place] = replace(rows[place], **changes)  # type: ignore[arg-type]
    return tuple(rows)


def _moved(statuses: Set, flag: str, place: int | None) -> Set:
    return tuple(
        replace(status, **{flag: where == place})  # type: ignore[arg-type]
        for where, status in enumerate(statuses)
    )


def _swapped(statuses: Set, place: int) -> Set:
    rows = list(statuses)
    one, other = rows[place], rows[place + 1]
    rows[place], rows[place + 1] = (
        replace(other, order=one.order),
        replace(one, order=other.order),
    )
    return tuple(rows)


def _alike(one: Status, other: Status) -> bool:
    names = (*FLAGS, "default", "credit_default")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _wrong(statuses: Set) -> Iterator[tuple[str, Set]]:
    """Make every single wrong change of an accepted set, each with a name."""
    for place, status in enumerate(statuses):
        for flag in FLAGS:
            value = not getattr(status, flag)
            yield f"{flag} {value} on {status.name}", _with(statuses, place, **{flag: value})
        if not status.default:
            yield f"default moved to {status.name}", _moved(statuses, "default", place)
            yield f"second default {status.name}", _with(statuses, place, default=True)
        if not status.credit_default:
            yield (
                f"credit default moved to {status.name}",
                _moved(statuses, "credit_default", place),
            )
            yield (
                f"second credit default {status.name}",
                _with(statuses, place, credit_default=True),
            )
        if status.name != "Waiting for approval":
            yield f"without {status.name}", statuses[:place] + statuses[place + 1 :]
    for place, (one, other) in enumerate(pairwise(statuses)):
        if not _alike(one, other):
            yield f"{one.name} and {other.name} swapped", _swapped(statuses, place)
        tie = _with(statuses, place + 1, order=one.order)
        yield f"{one.name} and {other.name} in one place", tie
    yield "no default", _moved(statuses, "default", None)
    yield "no credit default", _moved(statuses, "credit_default", None)
    second = next(s for s in statuses if s.credit_default)
    extra = replace(second, id="extra", name="Also ready", credit_default=False)
    at = statuses.index(second)
    yield "two for the transfer", _renumbered((*statuses[:at], extra, *statuses[at:]))
    archive = replace(statuses[-1], id="extra", name="Archive", paid=False)
    yield "one more at the end", _renumbered((*statuses, archive))


def _renumbered(statuses: Sequence[Status]) -> Set:
    return tuple(replace(status, order=place) for place, status in enumerate(statuses))


WRONG = [
    pytest.param(name, change, id=f"{name}: {what}")
    for name, statuses in EXAMPLES.items()
    for what, change in _wrong(statuses)
]


class TestTheExamples:
    @pytest.mark.parametrize("name", EXAMPLES)
    def test_are_accepted(self, name: str) -> None:
        """R83 to R87 hold in R88 to R104 and R122 to R128; the order decides (R79 to R82, Q20)."""
        assert lint(EXAMPLES[name]).findings == ()

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_are_read_by_flags_and_order(self, name: str) -> None:
        """Q19: failed, draft, transfer, success, sent, partially paid, paid."""
        roles = infer_roles(EXAMPLES[name])

        ids = [EXAMPLES[name][place].id for place in PLACES[name]]
        assert roles == dict(zip(Role, ids, strict=True))

    def test_mean_the_same_under_other_names_and_in_any_sequence(self) -> None:
        """R82, Q3: names mean nothing."""
        renamed = tuple(replace(status, name="?") for status in reversed(APPROVAL))

        assert lint(renamed).findings == ()
        assert infer_roles(renamed) == infer_roles(APPROVAL)

    def test_stay_right_without_the_approval(self) -> None:
        """R66, R81: approval is there only if there is an approval process."""
        without = tuple(s for s in APPROVAL if s.name != "Waiting for approval")

        assert lint(without).findings == ()

    def test_may_have_one_more_approval_and_one_more_sent_status(self) -> None:
        """R66, Q19: partially paid is the last before paid, sent the first after success."""
        approval = replace(APPROVAL[2], id="second", name="Waiting for the boss")
        reminded = replace(APPROVAL[5], id="third", name="Asked again")
        more = _renumbered((*APPROVAL[:3], approval, *APPROVAL[3:6], reminded, *APPROVAL[6:]))

        assert lint(more).findings == ()
        assert infer_roles(more) == infer_roles(APPROVAL)


class TestEveryWrongChange:
    @pytest.mark.parametrize(("name", "change"), WRONG)
    def test_is_refused(self, name: str, change: Set) -> None:
        """R80: the transfer relies on order and settings."""
        assert lint(change).findings

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_has_a_reason_of_its_own(self, name: str) -> None:
        changes = dict(_wrong(EXAMPLES[name]))
        reasons: dict[str, str] = {}
        for what, change in changes.items():
            text = " ".join(sorted(finding.text for finding in lint(change).findings))
            assert text not in reasons, f"{what} and {reasons[text]}: {text}"
            reasons[text] = what

        assert len(reasons) >= 40


class TestTheReasons:
    def test_name_a_number_that_is_missing_after_the_transfer(self) -> None:
        """R85: the number is on from the transfer on, and on every later status."""
        [finding] = lint(_with(PLAIN, 4, has_number=False)).findings

        assert (finding.check, finding.rule) == ("number_setting", "R85")
        assert "'Sent' must have 'Invoice number'" in finding.text

    def test_name_the_failed_status_that_is_the_default(self) -> None:
        """R84."""
        findings = lint(_moved(PLAIN, "default", 0)).findings

        assert [finding.rule for finding in findings] == ["R84"]
        assert "'Failed invoices' comes first" in findings[0].text

    def test_name_the_failed_status_that_is_not_empty(self) -> None:
        """R83: the first status is the one for failed transfers."""
        [finding] = lint(_with(PLAIN, 0, read_only=True)).findings

        assert (finding.check, finding.rule) == ("failed_status", "R83")

    def test_name_where_credit_notes_begin(self) -> None:
        """R87, R96, R104, Q20: in the transfer status, so that they are transferred at once."""
        [finding] = lint(_moved(APPROVAL, "credit_default", 1)).findings

        assert (finding.check, finding.rule) == ("default_after_credit", "R87")
        assert "'Draft'" in finding.text
        assert "'Approved, ready for Financials'" in finding.text

    def test_name_a_number_that_comes_too_early(self) -> None:
        """R65: until the transfer there is no number."""
        [finding] = lint(_with(PLAIN, 2, has_number=True)).findings

        assert "'Send to Financials' must not give a number" in finding.text

    def test_name_a_status_that_no_invoice_comes_to(self) -> None:
        """R80: order counts."""
        swapped = _swapped(APPROVAL, 1)

        [finding] = lint(swapped).findings

        assert (finding.check, finding.rule) == ("invoice_statuses", "R80")
        assert finding.text.startswith("'Waiting for approval' stands before the default status")

    def test_name_how_many_there_must_be(self) -> None:
        """R88 to R104: seven at least."""
        texts = [finding.text for finding in lint(PLAIN[:-1]).findings]

        assert any("there are 6: Failed invoices, Draft" in text for text in texts)
        assert any(text == "No status is marked as paid." for text in texts)
        assert not any("Seven" in finding.text for finding in lint(PLAIN).findings)

    def test_name_both_readings(self) -> None:
        """Q19: two readings are refused, not guessed."""
        rows = (
            *_PLAIN_ROWS[:2],
            ("Ready?", "e"),
            ("Ready!", "e"),
            *_PLAIN_ROWS[3:],
        )
        found = lint(_set(*rows, default="Draft", credit="Ready?")).findings

        assert "'Ready?' or 'Ready!' may be the one for the transfer" in found[0].text


class TestInferRoles:
    def test_refuses_an_unclear_set_with_its_reasons(self) -> None:
        """Q19: nothing runs while the meaning is in doubt."""
        with pytest.raises(RolesUnclear, match="must be 'Not editable'") as caught:
            infer_roles(_with(PLAIN, 2, read_only=False))

        assert caught.value.reasons

    def test_goes_on_when_only_credit_notes_begin_elsewhere(self) -> None:
        """R87 is reported at set-up; it leaves no doubt about the meaning of a status."""
        assert infer_roles(_moved(PLAIN, "credit_default", 0)) == infer_roles(PLAIN)


class TestRolesByHand:
    def test_are_taken_instead_of_the_inferred_ones(self) -> None:
        """Q19: roles may be assigned by hand."""
        two = replace(PLAIN[3], id="own", name="Checked in Financials")
        more = _renumbered((*PLAIN[:4], two, *PLAIN[4:]))
        roles = infer_roles(PLAIN) | {Role.SENT: PLAIN[4].id}

        assert infer_roles(more)[Role.SENT] == "own"
        assert lint(more, roles=roles).roles[Role.SENT] == PLAIN[4].id
        assert lint(more, roles=roles).findings == ()

    def test_are_walked_too(self) -> None:
        roles = infer_roles(PLAIN)
        swapped = roles | {Role.SENT: roles[Role.SUCCESS], Role.SUCCESS: roles[Role.SENT]}

        texts = [finding.text for finding in lint(PLAIN, roles=swapped).findings]

        assert "'In Financials, send to customer' must come after 'Sent'." in texts

    def test_must_name_an_active_status(self) -> None:
        roles = infer_roles(PLAIN) | {Role.FAILED: "gone"}

        [finding] = lint(PLAIN, roles=roles).findings

        assert finding.text == "No active status has the role FAILED."
