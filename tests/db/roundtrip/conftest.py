"""A county, and a national export taken through its steps."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from app.domain.roundtrip.words import Decision
from app.models import Household, Member, NationalRow
from app.services.roundtrip import applying, comparing
from app.sheets.imports import national_staging
from tests.factories.national import export
from tests.factories.world import make_tree


@pytest.fixture
def tree(session):
    tree = make_tree(session)
    session.commit()
    return tree


@pytest.fixture
def preview(session, tree):
    """Stage and compare; the batch."""

    def preview(*rows, data=None):
        file = io.BytesIO(data or export(*rows))
        batch_id = national_staging.begin(session, file, "国办导出.xlsx", None).id
        session.commit()
        national_staging.stage(session, batch_id, file, session.commit)
        comparing.compare(session, batch_id, session.commit)
        return comparing.get_batch(session, batch_id)

    return preview


@pytest.fixture
def take(session, preview):
    """Preview and write with the decisions as they are proposed; the batch."""

    def take(*rows, data=None):
        return write(session, preview(*rows, data=data))

    return take


def write(session, batch):
    applying.start(session, batch.id)
    session.commit()
    return applying.apply(session, batch.id, session.commit)


def rows_of(session, batch):
    """(row number, kind) → the staged row."""
    query = select(NationalRow).where(NationalRow.batch_id == batch.id).order_by(NationalRow.id)
    return list(session.scalars(query))


def kinds(session, batch):
    return [(row.row_number, row.kind) for row in rows_of(session, batch)]


def household(session, code):
    session.expire_all()
    return session.scalars(select(Household).where(Household.code == code)).one()


def members(session, code):
    query = select(Member).join(Household).where(Household.code == code).order_by(Member.id)
    return list(session.scalars(query))


def decide(session, batch, kind, decision=Decision.TAKE):
    for row in rows_of(session, batch):
        if row.kind == kind:
            row.decision = decision
    session.commit()
