"""The register of policy documents: entered, cited, with a file that is what its name says."""

from __future__ import annotations

import io

import pytest

from app.extensions import db
from app.models import PolicyDocument
from app.queries.scope import system_access

FORM = {"number": "测政〔2026〕1号", "title": "测试方案", "issuer": "测试县", "level": "county",
        "issued_on": "2026-01-05", "effective_from": "2026-01-10", "effective_to": "", "note": ""}  # fmt: skip


def document(app, number: str = FORM["number"]) -> int | None:
    with app.app_context(), system_access():
        return db.session.query(PolicyDocument.id).filter_by(number=number).scalar()


def test_a_document_is_registered_and_carries_its_file(client_as, web_app):
    browser = client_as("county")
    assert browser.post("/policy/documents/add", FORM).status_code == 302
    key = document(web_app)
    assert browser.get(f"/policy/file/{key}").status_code == 404
    given = {"file": (io.BytesIO(b"%PDF-1.4 test"), "..\\方案.pdf")}
    assert browser.post(f"/policy/file/{key}", given, content_type="multipart/form-data").status_code == 302
    answer = client_as("worker1").get(f"/policy/file/{key}")
    assert answer.data == b"%PDF-1.4 test"
    assert answer.mimetype == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(("name", "content"), [
    ("a.exe", b"MZ"), ("a.pdf", b"<html>"), ("a.html", b"<html>"), ("a.pdf", b""), ("", b"%PDF-"),
    ("a.pdf", b"%PDF-" + b"x" * 10_000_001),
])  # fmt: skip
def test_what_is_no_such_file_is_refused(client_as, web_app, name, content):
    browser = client_as("county")
    browser.post("/policy/documents/add", FORM)
    key = document(web_app)
    browser.post(f"/policy/file/{key}", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
    assert browser.get(f"/policy/file/{key}").status_code == 404


@pytest.mark.parametrize(
    "bad", [{"number": ""}, {"title": "  "}, {"effective_to": "2025-01-01"}, {"issued_on": "gestern"}]
)
def test_a_bad_document_is_refused(client_as, web_app, bad):
    assert client_as("county").post("/policy/documents/add", {**FORM, **bad}).status_code == 200
    with web_app.app_context(), system_access():
        assert db.session.query(PolicyDocument).filter_by(issuer="测试县").count() == 0


def test_a_cited_document_is_neither_renumbered_nor_deleted(client_as, web_app):
    browser = client_as("county")
    key = document(web_app, "皖乡振发〔2023〕18号")
    browser.post(f"/policy/documents/delete/{key}")
    browser.post(f"/policy/documents/edit/{key}", {**FORM, "number": "另号"})
    assert document(web_app, "皖乡振发〔2023〕18号") == key


def test_only_the_county_writes(client_as, web_app):
    key = document(web_app, "皖乡振发〔2023〕18号")
    for who in ("worker1", "town_a", "auditor"):
        browser = client_as(who)
        assert browser.post("/policy/documents/add", FORM).status_code in (302, 403)
        assert browser.post(f"/policy/file/{key}", {"file": (io.BytesIO(b"%PDF-"), "a.pdf")},
                            content_type="multipart/form-data").status_code == 403  # fmt: skip
    assert document(web_app) is None
