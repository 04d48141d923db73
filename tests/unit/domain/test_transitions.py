import pytest

from app.domain import enums as e
from app.domain.transitions import TABLES, InvalidTransition, can_move, is_terminal, require_move, successors


@pytest.mark.parametrize("kind", TABLES)
def test_every_state_has_a_row_and_every_successor_is_of_the_class(kind) -> None:
    table = TABLES[kind]
    assert set(table) == set(kind)
    assert all(type(after) is kind for row in table.values() for after in row)


@pytest.mark.parametrize("kind", TABLES)
def test_no_state_follows_itself(kind) -> None:
    assert not any(state in row for state, row in TABLES[kind].items())


# Results: nothing moves on by itself from here, though a person may (a visit withdrawn, a number learnt).
AT_REST = {e.ContactState.REACHED, e.ContactState.MISSED, e.ContactState.EXCLUDED, e.ContactState.CLOSED}


@pytest.mark.parametrize("kind", TABLES)
def test_every_state_can_still_end(kind) -> None:
    def ends(state, seen: frozenset) -> bool:
        if is_terminal(state) or state in AT_REST:
            return True
        return any(ends(s, seen | {s}) for s in successors(state) if s not in seen)

    assert all(ends(state, frozenset({state})) for state in kind)


@pytest.mark.parametrize("state", [e.AttemptState.DONE, e.AttemptState.FAILED, e.AttemptState.CANCELLED])
def test_a_finished_attempt_never_regresses(state: e.AttemptState) -> None:
    assert is_terminal(state)
    assert not any(can_move(state, other) for other in e.AttemptState)


def test_a_callback_may_overtake_the_create_request() -> None:
    assert can_move(e.AttemptState.INTENT, e.AttemptState.IN_DIALOGUE)


def test_an_unknown_attempt_is_never_planned_again() -> None:
    assert not can_move(e.AttemptState.UNKNOWN, e.AttemptState.PLANNED)


def test_a_missed_contact_stays_missed_when_the_campaign_closes() -> None:
    assert not can_move(e.ContactState.MISSED, e.ContactState.CLOSED)


def test_require_move_names_both_states() -> None:
    with pytest.raises(InvalidTransition, match="done cannot become planned") as caught:
        require_move(e.AttemptState.DONE, e.AttemptState.PLANNED)
    assert (caught.value.old, caught.value.new) == (e.AttemptState.DONE, e.AttemptState.PLANNED)


def test_require_move_lets_a_good_move_pass() -> None:
    require_move(e.CampaignState.RUNNING, e.CampaignState.PAUSED)


def test_states_of_two_classes_are_not_compared() -> None:
    with pytest.raises(TypeError, match="AttemptState"):
        can_move(e.AttemptState.PLANNED, e.CampaignState.RUNNING)


def test_a_bare_string_has_no_table() -> None:
    with pytest.raises(TypeError, match="str"):
        successors("planned")
