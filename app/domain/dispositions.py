"""From what happened to what is reported (TELEPHONY 1.12), after AAPOR's Standard Definitions.

Every contact has exactly one disposition, so the counts of any area add up to its contacts. Silent is not fine: a call
that was picked up and stayed silent is neither reached nor answered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.domain.enums import AttemptOutcome, ContactState, Disposition, ExclusionReason

_O = AttemptOutcome
_D = Disposition

# The strongest evidence first: what the household itself said weighs more than what its phone did.
_EVIDENCE: tuple[tuple[frozenset[AttemptOutcome], Disposition], ...] = (
    (frozenset({_O.OPTED_OUT}), _D.OPTED_OUT),
    (frozenset({_O.REFUSED}), _D.REFUSED),
    (frozenset({_O.COMPLETED, _O.PARTIAL, _O.CALLBACK_LATER, _O.HUNG_UP, _O.SMS_REPLIED}), _D.ANSWERED),
    (frozenset({_O.SILENT}), _D.SILENT),
    (frozenset({_O.WRONG_PERSON}), _D.WRONG_PERSON),
)
_EXCLUDED: dict[ExclusionReason, Disposition] = {
    ExclusionReason.ALREADY_CONTACTED: _D.NOT_DUE,
    ExclusionReason.NOT_ABSENT: _D.NOT_DUE,
    ExclusionReason.VISIT_ONLY: _D.NOT_DUE,
    ExclusionReason.DECEASED_OR_MOVED: _D.NOT_DUE,
    ExclusionReason.IN_OTHER_CAMPAIGN: _D.NOT_DUE,
    ExclusionReason.OPTED_OUT: _D.OPTED_OUT,
    # Due, but there is no way to it: leaving it out would flatter the rate of a village with a poor register.
    ExclusionReason.NO_NUMBER: _D.UNREACHABLE,
}
# Somebody wanted to reach the household and nobody of it was there to say anything.
OUT_OF_REACH = (_D.UNREACHABLE, _D.SILENT, _D.WRONG_PERSON)
_OPEN = frozenset({ContactState.PLANNED, ContactState.CALLING, ContactState.WAITING})


def disposition_of(
    state: ContactState, outcomes: Collection[AttemptOutcome], exclusion: ExclusionReason | None = None
) -> Disposition:
    """The one category of a contact. `outcomes`: of all its attempts, in any order.

    REACHED follows from the contact's state alone: whether identity and an answer were confirmed was decided when the
    contact was closed. A campaign that ended before anything was tried leaves UNREACHABLE, not "not due".
    Raises ValueError for an excluded contact without a reason.
    """
    if state is ContactState.REACHED:
        return _D.REACHED
    if state is ContactState.EXCLUDED:
        if exclusion is None:
            raise ValueError("an excluded contact needs its reason")
        return _EXCLUDED[exclusion]
    if state in _OPEN:
        return _D.PENDING
    seen = set(outcomes)
    return next((disposition for evidence, disposition in _EVIDENCE if seen & evidence), _D.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of `due`, 0.0-1.0; None when nothing is due. The eight shares marked * add up to 1.

    due = total − not due; in it also those opted out, pending and without a number: nobody improves a rate by leaving
    households out. settled = due − pending.
    """

    total: int
    due: int
    settled: int
    reached: int
    reach_rate: float | None  # * reached / due: the headline, honest while the campaign runs
    reach_rate_settled: float | None  # reached / settled: how it will end if the rest goes the same way
    answer_rate: float | None  # (reached + answered + refused) / due: the household itself responded
    pickup_rate: float | None  # answer rate's numerator + silent + wrong person, / due: somebody picked up
    answered_rate: float | None  # * answered, not completed / due
    silent_rate: float | None  # * silent / due
    refusal_rate: float | None  # * refused / due
    wrong_person_rate: float | None  # * wrong person / due
    unreachable_rate: float | None  # * unreachable / due
    opt_out_rate: float | None  # * opted out / due
    pending_rate: float | None  # * pending / due


def rates(counts: Mapping[Disposition, int]) -> Rates:
    """Rates from counts; a missing disposition counts 0. Raises ValueError for a negative count."""
    if any(number < 0 for number in counts.values()):
        raise ValueError("counts must not be negative")
    n = {disposition: counts.get(disposition, 0) for disposition in Disposition}
    total = sum(n.values())
    due = total - n[_D.NOT_DUE]
    settled = due - n[_D.PENDING]
    responded = n[_D.REACHED] + n[_D.ANSWERED] + n[_D.REFUSED]
    return Rates(
        total=total,
        due=due,
        settled=settled,
        reached=n[_D.REACHED],
        reach_rate=_share(n[_D.REACHED], due),
        reach_rate_settled=_share(n[_D.REACHED], settled),
        answer_rate=_share(responded, due),
        pickup_rate=_share(responded + n[_D.SILENT] + n[_D.WRONG_PERSON], due),
        answered_rate=_share(n[_D.ANSWERED], due),
        silent_rate=_share(n[_D.SILENT], due),
        refusal_rate=_share(n[_D.REFUSED], due),
        wrong_person_rate=_share(n[_D.WRONG_PERSON], due),
        unreachable_rate=_share(n[_D.UNREACHABLE], due),
        opt_out_rate=_share(n[_D.OPTED_OUT], due),
        pending_rate=_share(n[_D.PENDING], due),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
