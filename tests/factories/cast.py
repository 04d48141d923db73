"""The fixed cast over the two-township county, and one record of every kind in each township for them to reach for."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, inspect

from app import models as m
from app.bootstrap import create_app
from app.extensions import db, limiter
from app.models.types import cipher
from app.queries.criteria import AREA_MODELS
from app.queries.scope import system_access
from app.security.roles import SYSTEM_ADMIN, sync_roles
from app.services import users
from tests.conftest import make_settings
from tests.factories.casework import make_case
from tests.factories.minimal import make_minimal
from tests.factories.world import Tree, area_of, make_household, make_tree

PASSWORD = "zhongguo2026"
AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
# name → (role, where in the tree); the outsider serves a county of their own
CAST: dict[str, tuple[str, Any]] = {
    "worker1": ("grid_worker", lambda tree: tree.groups[0]),
    "worker2": ("grid_worker", lambda tree: tree.groups[1]),
    "lead": ("grid_lead", lambda tree: tree.villages[0]),
    "cadre": ("village_cadre", lambda tree: tree.villages[0]),
    "officer": ("village_officer", lambda tree: tree.villages[0]),
    "town_a": ("township_staff", lambda tree: tree.towns[0]),
    "town_b": ("township_staff", lambda tree: tree.towns[1]),
    "county": ("county_admin", lambda tree: tree.county),
    "auditor": ("auditor", lambda tree: tree.county),
    "admin": (SYSTEM_ADMIN, lambda tree: None),
}
MEMBERS = (*CAST, "outsider")


@dataclass(frozen=True)
class Records:
    """Ids of one record of each kind at one group, by table name."""

    ids: dict[str, Any]

    def __getitem__(self, table: str) -> Any:
        return self.ids[table]


@dataclass(frozen=True)
class World:
    """What the tests need to know after the session is gone: ids only."""

    nodes: dict[str, int]  # code → id
    a: Records  # at township A, first group
    b: Records  # at township B, first group
    users: dict[str, int]


def make_world(session: Any) -> World:
    tree = make_tree(session)
    a, b = make_records(session, tree.groups[0], "a"), make_records(session, tree.groups[4], "b")
    accounts = {name: _account(session, name, role, where(tree)) for name, (role, where) in CAST.items()}
    far = m.GridNode(code="980001", name="邻县", depth=1)
    session.add(far)
    session.flush()
    accounts["outsider"] = _account(session, "outsider", "county_admin", far)
    for model in (m.SyncItem, m.PublicityRecord):  # what building the world has raised of itself
        kept = (a[model.__tablename__], b[model.__tablename__])
        session.execute(delete(model).where(model.id.not_in(kept)))
    return World({node.code: node.id for node in _all(tree)} | {"980001": far.id}, a, b, accounts)


def _all(tree: Tree) -> list[Any]:
    return [tree.county, *tree.towns, *tree.villages, *tree.groups]


def _account(session: Any, name: str, role: str, node: Any) -> int:
    user, _secret = users.add_user(session, name, f"试{name}", role, node.code if node else None, PASSWORD)
    return int(user.id)


def make_records(session: Any, node: Any, mark: str) -> Records:
    household = make_household(session, node, name=f"孙{mark}", code=f"H-{mark}")
    area = area_of(node)
    member, phone, absence = household.members[0], household.phones[0], household.absences[0]
    member.id_number, member.id_hash = "110101199003070011", cipher.blind(f"id-{mark}")
    campaign = m.Campaign(name=f"活动{mark}", quarter="2026Q4", **area)
    session.add(campaign)
    session.flush()
    own: dict[str, Any] = {"household_id": household.id, **area}
    contact = m.Contact(campaign_id=campaign.id, quarter="2026Q4", **own)
    session.add(contact)
    session.flush()
    attempt = m.Attempt(token=f"token-{mark}", contact_id=contact.id, phone_hash=phone.e164_hash, carrier="simulator",
                        slot_at=AT, state="done", **own)  # fmt: skip
    visit = m.Visit(channel="phone", happened_at=AT, findings=[], note=f"秘{mark}", **own)
    session.add_all([attempt, visit])
    session.flush()
    rows = {
        "household": household, "member": member, "phone": phone, "absence": absence, "campaign": campaign,
        "contact": contact, "attempt": attempt, "visit": visit,
        "answer": m.Answer(attempt_id=attempt.id, question="health", value="fine", **own),
        "recording": m.Recording(attempt_id=attempt.id, carrier="simulator", carrier_id=f"RE{mark}", **own),
        "clue": m.Clue(visit_id=visit.id, kind="major_illness", source="worker", detail=f"病{mark}", **own),
        "work_task": m.WorkTask(kind="missed_contact", **own),
        "issue": m.Issue(number=f"WT-{mark}", category="缺访", severity="minor", found_by="inspection",
                         found_on=AT.date(), deadline_on=AT.date(), words="缺记录", **own),
        "change_request": m.ChangeRequest(field="phone", new_value=f"号{mark}", source="phone", **own),
        "sms_message": m.SmsMessage(carrier="simulator", carrier_id=f"SM{mark}", phone_hash=phone.e164_hash,
                                    body=f"信{mark}", meaning="triage", **own),
    }  # fmt: skip
    session.add_all(rows.values())
    session.flush()
    case = make_case(session, household)
    known: dict[str, Any] = dict(rows) | {
        "case_file": case, "case_entry": case.history[0],
        "contact_dates": session.get_one(m.ContactDates, household.id),  # written by the database
    }  # fmt: skip
    for model in AREA_MODELS:
        if model.__tablename__ not in known:
            known[model.__tablename__] = make_minimal(session, model, node, known, mark)
    return Records({table: _key(inspect(row).identity) for table, row in known.items()})


def _key(identity: tuple[Any, ...]) -> Any:
    """As `session.get` takes it: the id, or the tuple of a key of several columns."""
    return identity[0] if len(identity) == 1 else identity


def build_template(empty: Path, target: Path) -> World:
    """A migrated database with roles and world, written once and copied for every test."""
    shutil.copy(empty, target)
    app = open_web(f"sqlite:///{target}", target.parent)
    with app.app_context():
        sync_roles(app)
        with system_access():
            world = make_world(db.session)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return world


def open_web(database_url: str, home: Path, clock: Any = None, **changes: str) -> Flask:
    """The web application as it runs, over an existing database. Log-in is not rate limited (one test turns it on)."""
    limiter.enabled = False
    app = create_app(make_settings(database_url, home, **changes), clock_source=clock)
    app.config["TESTING"] = False  # errors become pages, as in production
    return app


class Browser:
    """A signed-in client that reads the form's token before it posts, as a browser does."""

    def __init__(self, app: Flask, name: str | None, password: str = PASSWORD) -> None:
        self.client: FlaskClient = app.test_client()
        if name is not None:
            assert self.login(name, password).headers["Location"] != "/login/"

    def login(self, name: str, password: str) -> Any:
        return self.post("/login/", {"username": name, "password": password}, token_from="/login/")

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, **options)

    def token(self, path: str = "/account/") -> str:
        page = self.client.get(path).get_data(as_text=True)
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        return found[1] if found else ""

    def post(self, path: str, data: dict[str, Any] | None = None, token_from: str = "/account/", **options: Any) -> Any:
        return self.client.post(path, data={**(data or {}), "csrf_token": self.token(token_from)}, **options)
