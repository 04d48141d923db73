"""The register of departments: kept by township and county, read by everybody below them, with bad input."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Department
from app.queries.scope import system_access

PHONE = "+8610000000321"


def form(node: int, **more: object) -> dict[str, object]:
    return {"name": "县卫健部门", "kind_code": "health", "node": node, "measure_classes": ["health"],
            "contact_name": "周试", "phone_number": PHONE, "from_on": "2026-01-01", **more}  # fmt: skip


@pytest.fixture
def office(web_app, world):
    """A department of the county; its id."""
    with web_app.app_context(), system_access():
        row = Department(
            name="县医保部门",
            kind_code="medical_insurance",
            node_id=world.nodes["990001"],
            contact_phone=PHONE,
            contact_tail="0321",
            from_on=date(2026, 1, 1),
        )
        db.session.add(row)
        db.session.commit()
        return row.id


def named(web_app, name):
    with web_app.app_context(), system_access():
        return db.session.scalars(select(Department).where(Department.name == name)).one_or_none()


def test_the_county_enters_a_department(client_as, web_app, world):
    answer = client_as("county").post("/departments/add", form(world.nodes["990001"]))
    row = named(web_app, "县卫健部门")
    assert answer.status_code == 302
    assert (row.kind_code, row.measure_classes, row.contact_phone) == ("health", ["health"], PHONE)


def test_a_village_worker_sees_the_countys_department_with_its_number_hidden(client_as, office):
    page = client_as("worker1").get(f"/departments/show/{office}").get_data(as_text=True)
    assert "县医保部门" in page
    assert "0000000321" not in page


def test_revealing_the_number_needs_a_reason_and_leaves_a_trace(client_as, web_app, office):
    browser = client_as("cadre")
    assert browser.post(f"/reveal/department/{office}").status_code == 400
    assert "100 0000 0321" in browser.post(f"/reveal/department/{office}", {"reason": "check"}).get_data(as_text=True)
    with web_app.app_context(), system_access():
        query = select(AuditEntry).where(AuditEntry.entity == "department", AuditEntry.action == "reveal")
        assert db.session.scalars(query).one().reason == "check"


def test_a_township_does_not_change_the_countys_departments(client_as, web_app, office):
    client_as("town_a").post(f"/departments/edit/{office}", {"name": "改名", "kind_code": "health",
                                                             "from_on": "2026-01-01"})  # fmt: skip
    assert named(web_app, "县医保部门") is not None


def test_village_people_enter_none(client_as, world):
    browser = client_as("cadre")
    assert browser.post("/departments/add", form(world.nodes["990001101201"])).status_code == 403


@pytest.mark.parametrize(("field", "value"), [
    ("kind_code", "no_such"), ("name", ""), ("phone_number", "12"), ("measure_classes", ["x"]), ("from_on", "soon"),
])  # fmt: skip
def test_a_wrong_entry_is_refused_and_kept_on_the_form(client_as, web_app, world, field, value):
    sent = form(world.nodes["990001"], duties="只写在这里") | {field: value}
    page = client_as("county").post("/departments/add", sent)
    assert page.status_code == 200
    assert "只写在这里" in page.get_data(as_text=True)
    assert named(web_app, "县卫健部门") is None


def test_one_unit_has_one_department_of_a_name(client_as, web_app, world, office):
    sent = form(world.nodes["990001"], name="县医保部门")
    assert client_as("county").post("/departments/add", sent).status_code == 200
    with web_app.app_context(), system_access():
        assert len(db.session.scalars(select(Department).where(Department.name == "县医保部门")).all()) == 1


def test_the_end_of_a_department_does_not_lie_before_its_beginning(client_as, web_app, office):
    sent = {"name": "县医保部门", "kind_code": "health", "from_on": "2026-01-01", "to_on": "2025-12-31"}
    assert client_as("county").post(f"/departments/edit/{office}", sent).status_code == 200
    assert named(web_app, "县医保部门").to_on is None
