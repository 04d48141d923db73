from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel, force_locale

from app.domain.quarters import Quarter
from app.views import dates

DAY, AT = date(2026, 11, 21), datetime(2026, 11, 21, 6, 5, tzinfo=UTC)


@pytest.fixture(scope="module", name="app")
def _app() -> Flask:
    app = Flask(__name__)
    Babel(app, default_locale="zh_Hans")
    dates.register_dates(app)
    return app


@pytest.fixture(params=["zh_Hans", "en"], name="language")
def _language(app: Flask, request: pytest.FixtureRequest) -> Iterator[str]:
    with app.test_request_context(), force_locale(request.param):
        yield request.param


TEMPLATES = {
    "{{ day | civil }}": {"zh_Hans": "2026年11月21日", "en": "21 Nov 2026"},
    "{{ at | moment }}": {"zh_Hans": "2026年11月21日 14:05", "en": "21 Nov 2026, 14:05"},
    "{{ at | moment_to_the_second }}": {"zh_Hans": "2026年11月21日 14:05:00", "en": "21 Nov 2026, 14:05:00"},
    "{{ at | weekday_moment }}": {"zh_Hans": "2026年11月21日 星期六 14:05", "en": "Sat 21 Nov 2026, 14:05"},
    "{{ day | month }}": {"zh_Hans": "2026年11月", "en": "Nov 2026"},
    "{{ '2026Q4' | quarter }}": {"zh_Hans": "2026年第四季度", "en": "Quarter 4 of 2026"},
    "{{ quarter | quarter }}": {"zh_Hans": "2026年第四季度", "en": "Quarter 4 of 2026"},
    "{{ _('Until %(day)s', day=day) }}": {"zh_Hans": "Until 2026年11月21日", "en": "Until 21 Nov 2026"},
    "{{ ngettext('%(num)d at %(at)s', '%(num)d at %(at)s', 2, at=at) }}": {
        "zh_Hans": "2 at 2026年11月21日 14:05", "en": "2 at 21 Nov 2026, 14:05",
    },
    "{{ day | shown }} {{ at | shown }}": {
        "zh_Hans": "2026年11月21日 2026年11月21日 14:05", "en": "21 Nov 2026 21 Nov 2026, 14:05",
    },
}  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_filter_speaks_the_readers_language(language: str, template: str) -> None:
    said = render_template_string(template, day=DAY, at=AT, quarter=Quarter(2026, 4))
    assert said == TEMPLATES[template][language]


@pytest.mark.parametrize("name", ["civil", "moment", "moment_to_the_second", "weekday_moment", "month", "quarter"])
def test_nothing_is_said_of_nothing(language: str, name: str) -> None:
    assert render_template_string(f"{{{{ none | {name} }}}}") == ""


def test_a_cell_without_a_value_shows_a_dash(language: str) -> None:
    assert render_template_string("{{ none | shown }}{{ '' | shown }}{{ 0 | shown }}") == "——0"


def test_a_task_without_a_request_speaks_chinese(app: Flask) -> None:
    with app.app_context():
        assert dates.civil(DAY) == "2026年11月21日"
