"""For whom a subsidy is the one standard, and how it ends (D0-56)."""

from __future__ import annotations

from flask import Flask

from app import models as m
from tests.web.worker_files.conftest import Office
from tests.web.worker_files.test_pages import PAY, As, fetch, text_of


def test_a_county_s_standard_ends_before_a_township_sets_its_own(client_as: As, office: Office, web_app: Flask) -> None:
    county, town = client_as("county"), client_as("town_a")
    county.post("/subsidies/schemes/new", PAY)
    end = f"/subsidies/schemes/{fetch(web_app, m.SubsidyScheme, name='补贴').id}/end"
    assert "全县统一" in text_of(county.get("/subsidies/"))
    assert "须先终止" in text_of(town.post("/subsidies/schemes/new", PAY | {"name": "镇补贴"}))
    assert town.get(end).status_code == 404
    assert "field-error" in text_of(county.post(end, {"valid_to": "2025-12-31"}))
    assert county.post(end, {"valid_to": "2026-10-31"}).status_code == 302
    assert town.post("/subsidies/schemes/new", PAY | {"name": "镇补贴", "valid_from": "2026-11-01"}).status_code == 302
