"""The prepared county with the shipped rules, so that the code lists are those of the product."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from telephony.clock import ManualClock
from tests.factories.web import SharedWeb


@pytest.fixture
def web_app(shared_web: SharedWeb, with_rules: Path, tmp_path: Path, clock: ManualClock) -> Iterator[Flask]:
    with shared_web.over(with_rules, tmp_path, clock) as app:
        yield app
