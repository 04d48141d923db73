import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.dispositions import disposition_of, rates
from app.domain.enums import (
    AttemptOutcome,
    ContactState,
    Disposition,
    ExclusionReason,
    HouseholdCategory,
    Urgency,
    WorkTaskKind,
)
from app.domain.urgency import Matter, ReasonCode, order_key, reason_words

O, D, S = AttemptOutcome, Disposition, ContactState  # noqa: E741
STARRED = ("reach_rate", "answered_rate", "silent_rate", "refusal_rate", "wrong_person_rate", "unreachable_rate",
           "opt_out_rate", "pending_rate")  # fmt: skip


@pytest.mark.parametrize(
    ("state", "outcomes", "expected"),
    [
        (S.REACHED, [O.NO_ANSWER], D.REACHED),  # by the worker's visit
        (S.WAITING, [O.SILENT], D.PENDING),
        (S.MISSED, [], D.UNREACHABLE),
        (S.MISSED, [O.NO_ANSWER, O.BUSY, O.VOICEMAIL], D.UNREACHABLE),
        (S.MISSED, [O.SILENT, O.NO_ANSWER], D.SILENT),
        (S.MISSED, [O.WRONG_PERSON, O.NO_ANSWER], D.WRONG_PERSON),
        (S.MISSED, [O.HUNG_UP, O.SILENT], D.ANSWERED),
        (S.MISSED, [O.REFUSED, O.PARTIAL], D.REFUSED),
        (S.MISSED, [O.OPTED_OUT, O.REFUSED], D.OPTED_OUT),
        (S.CLOSED, [], D.UNREACHABLE),
        (S.CLOSED, [O.PARTIAL], D.ANSWERED),
    ],
)
def test_the_disposition_of_a_contact(state, outcomes, expected) -> None:
    assert disposition_of(state, outcomes) is expected


@pytest.mark.parametrize("outcome", [O.SILENT, O.VOICEMAIL, O.WRONG_PERSON, O.DELIVERED, O.NO_ANSWER])
def test_what_nobody_answered_is_neither_reached_nor_answered(outcome: AttemptOutcome) -> None:
    assert disposition_of(S.MISSED, [outcome]) not in {D.REACHED, D.ANSWERED}


@pytest.mark.parametrize("reason", ExclusionReason)
def test_every_exclusion_has_a_disposition(reason: ExclusionReason) -> None:
    expected = {ExclusionReason.OPTED_OUT: D.OPTED_OUT, ExclusionReason.NO_NUMBER: D.UNREACHABLE}
    assert disposition_of(S.EXCLUDED, [], reason) is expected.get(reason, D.NOT_DUE)


def test_an_exclusion_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="reason"):
        disposition_of(S.EXCLUDED, [])


def test_the_formulas() -> None:
    missed = {D.ANSWERED: 10, D.REFUSED: 5, D.SILENT: 15, D.WRONG_PERSON: 10}
    found = rates({D.REACHED: 40, D.PENDING: 20, D.NOT_DUE: 50, **missed})
    assert (found.total, found.due, found.settled, found.reached) == (150, 100, 80, 40)
    assert (found.reach_rate, found.reach_rate_settled, found.answer_rate, found.pickup_rate) == (0.4, 0.5, 0.55, 0.8)
    assert (found.refusal_rate, found.silent_rate, found.unreachable_rate) == (0.05, 0.15, 0.0)


def test_nothing_due_has_no_rate() -> None:
    found = rates({D.NOT_DUE: 3})
    assert (found.total, found.due, found.reach_rate, found.pending_rate) == (3, 0, None, None)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        rates({D.REACHED: -1})


@given(st.dictionaries(st.sampled_from(D), st.integers(0, 10**6)))
def test_the_shares_add_up(counts: dict[Disposition, int]) -> None:
    found = rates(counts)
    assert found.total == sum(counts.values())
    assert found.due == found.total - counts.get(D.NOT_DUE, 0)
    if found.due:
        assert sum(getattr(found, name) for name in STARRED) == pytest.approx(1)


def matter(**changes) -> Matter:
    return Matter(**{"kind": WorkTaskKind.MISSED_CONTACT, "days_left": 20, **changes})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (matter(urgency=Urgency.EMERGENCY), matter(days_left=-5)),
        (matter(days_left=-1), matter(kind=WorkTaskKind.CALL_BACK)),
        (matter(kind=WorkTaskKind.WANTS_TO_APPLY, days_left=60), matter(days_left=1)),
        (matter(days_left=3), matter(category=HouseholdCategory.UNSTABLE)),
        (matter(category=HouseholdCategory.SUDDEN_HARDSHIP), matter(category=HouseholdCategory.UNSTABLE)),
        (matter(category=HouseholdCategory.EARLY_WARNING), matter(rounds_missed=4)),
        (matter(rounds_missed=2), matter(rounds_missed=1)),
        (matter(open_risks=1), matter()),
    ],
)
def test_what_comes_first(first: Matter, second: Matter) -> None:
    assert order_key(first) < order_key(second)


@pytest.mark.parametrize("kind", WorkTaskKind)
def test_every_kind_has_a_place_and_a_reason(kind: WorkTaskKind) -> None:
    assert order_key(matter(kind=kind))
    assert reason_words(matter(kind=kind, days_left=60))


@pytest.mark.parametrize("category", HouseholdCategory)
def test_every_category_has_a_place(category: HouseholdCategory) -> None:
    assert order_key(matter(category=category))


def test_the_reasons_in_words() -> None:
    found = reason_words(matter(days_left=5, category=HouseholdCategory.MARGINAL, open_risks=2, rounds_missed=3))
    assert [(reason.code, reason.count) for reason in found] == [
        (ReasonCode.MISSED, None),
        (ReasonCode.QUARTER_ENDS, 5),
        (ReasonCode.MONITORED, None),
        (ReasonCode.RISK, 2),
        (ReasonCode.MISSED_ROUNDS, 3),
    ]


def test_an_overdue_emergency_says_both() -> None:
    found = reason_words(matter(days_left=-4, urgency=Urgency.EMERGENCY, kind=WorkTaskKind.CALL_BACK))
    assert [reason.code for reason in found] == [ReasonCode.EMERGENCY, ReasonCode.OVERDUE, ReasonCode.CALL_BACK]
    assert found[1].msgid == "%(count)s days overdue"
