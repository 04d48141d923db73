"""A number that a roster brings into a running campaign, and what becomes of its calls when the batch is undone."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.domain.enums import ContactState, PhoneState
from app.domain.enums import Disposition as D
from app.models import Contact, Household, Phone
from app.services import scheduling
from app.services.contacts import lock_contact
from app.sheets.imports import batches
from tests.db.clues.test_batches import counted_statements
from tests.factories.campaigning import make_stage
from tests.factories.rosters import roster, row
from tests.factories.world import make_household


@pytest.fixture
def given_up(session, clock):
    """A running campaign that has given up its three households: two could not be reached, the third refused."""

    def households(session, tree):
        for serial in (1, 2, 3):
            make_household(session, tree.groups[0], code=f"R{serial:05d}", name="孙试户")

    stage = make_stage(session, households=households)
    for contact, ended in zip(_contacts(session), (D.UNREACHABLE, D.UNREACHABLE, D.REFUSED), strict=True):
        contact.state, contact.disposition, contact.closed_at = ContactState.MISSED, ended, clock.now()
        contact.next_attempt_at = contact.next_kind = contact.next_phone_id = None
    stage.done()


def _contacts(session):
    session.expire_all()
    return session.scalars(select(Contact).order_by(Contact.id)).all()


def _states(session):
    return [contact.state.value for contact in _contacts(session)]


def _plan_call(session):
    """As a claim does when the first contact is due; the number that is called next."""
    contact = _contacts(session)[0]
    scheduling.decide_next(session, lock_contact(session, contact.id))
    session.commit()
    return contact.next_phone_id and session.get(Phone, contact.next_phone_id).tail


def _rows(session, *serials, **values):
    known = {home.code: home.phones[0].e164[3:] for home in session.scalars(select(Household))}
    return [row(serial, **{"phone1": known[f"R{serial:05d}"], **values}) for serial in serials]


def _bring(session, *rows):
    """(the batch, how many statements asked for contacts to be looked at again)."""
    batch_id = batches.upload(session, roster(*rows), "名册.xlsx").id
    batches.preview(session, batch_id, session.commit)
    session.commit()
    with counted_statements(session) as said:
        batches.apply(session, batch_id, session.commit)
    return batch_id, sum("UPDATE contact " in statement for statement in said)


def test_an_imported_number_makes_a_household_due_again(session, given_up):
    """As one that a clerk types does. Those that get none, or refused, keep what they ended with; a page of rows costs
    one statement, and one without a new number none."""
    numbers = [_rows(session, serial, phone2=f"1000000077{serial}")[0] for serial in (1, 3)]
    _, asked = _bring(session, *numbers, *_rows(session, 2, address="一组9号"))
    assert (_states(session), asked) == (["waiting", "missed", "missed"], 1)
    assert _plan_call(session) is not None

    _, asked = _bring(session, *_rows(session, 1, 2, 3, address="一组8号"))
    assert asked == 0


def test_a_number_that_goes_with_its_batch_is_not_called(session, given_up):
    batch_id, _ = _bring(session, *_rows(session, 1, phone1="10000000771"))
    assert _plan_call(session) == "0771"

    assert batches.undo(session, batch_id, session.commit).refused == ()

    [number] = session.scalars(select(Phone).where(Phone.household_id == _contacts(session)[0].household_id))
    assert (number.state, _plan_call(session)) == (PhoneState.ACTIVE, number.tail)


def test_a_number_that_comes_back_with_an_undo_makes_a_household_due_again(session, given_up):
    batch_id, _ = _bring(session, *_rows(session, 1, phone1="10000000771"))
    contact = _contacts(session)[0]
    contact.state, contact.disposition = ContactState.MISSED, D.UNREACHABLE  # the new one was of no use either
    session.commit()

    batches.undo(session, batch_id, session.commit)

    assert _states(session) == ["waiting", "missed", "missed"]
