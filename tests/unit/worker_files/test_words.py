"""States move as the tables say, each by its own table."""

from __future__ import annotations

import pytest

from app.domain.worker_files.words import MOVES, EvaluationState, ProposalState, RunState, may_move


@pytest.mark.parametrize("kind", list(MOVES))
def test_every_state_has_its_own_table(kind: type) -> None:
    for old, following in MOVES[kind].items():
        assert {type(old), *map(type, following)} == {kind}


def test_drafts_of_two_kinds_move_differently() -> None:
    assert may_move(EvaluationState.DRAFT, EvaluationState.PUBLISHED)
    assert may_move(RunState.DRAFT, RunState.APPROVED)
    assert not may_move(RunState.DRAFT, EvaluationState.PUBLISHED)
    assert not may_move(EvaluationState.DRAFT, RunState.APPROVED)


def test_what_was_decided_stays_decided() -> None:
    assert not any(may_move(ProposalState.APPROVED, one) for one in ProposalState)
