"""How soon a page shows something, and what it weighs (UX checks 11 and 12): `python -m tests.bench.pages`.

First contentful paint over loopback with the processor slowed four times, median of five, cold and warm, beside a page
that holds one word (the browser's own share). Figures only: how quick the machine is decides, so no test asserts them.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from flask import Flask, Response
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import create_engine

from app.services import schema
from telephony.clock import ManualClock
from tests.browser.conftest import DESK, PHONE
from tests.browser.serving import Serving
from tests.conftest import MONDAY_MORNING
from tests.factories.cast import PASSWORD, build_template
from tests.servers import find_program

RUNS, SLOWER = 5, 4
PLAIN = "/bench/plain"
PAGES = (("county", DESK, "/households/list/"), ("county", DESK, "/reach/"), ("county", DESK, "/accounts/"),
         ("worker1", PHONE, "/work/"), ("worker1", PHONE, "/today/"))  # fmt: skip
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"
WEIGHT = """performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
  .reduce((sum, one) => sum + one.transferSize, 0)"""


def first_paint(page: Page, address: str) -> float:
    """Milliseconds; -1 when the browser has painted nothing it counts."""
    page.goto(address, wait_until="load")
    page.wait_for_timeout(200)
    return float(page.evaluate(PAINT))


def measure(browser: Browser, url: str, who: str, form: dict[str, object], path: str) -> tuple[float, float, int]:
    """(cold ms, warm ms, cold bytes), medians."""
    cold, warm, weight = [], [], 0
    for _ in range(RUNS):
        context = browser.new_context(**form)
        page = context.new_page()
        page.goto(f"{url}/login/")
        page.fill("#username", who)
        page.fill("#password", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        session = context.new_cdp_session(page)
        session.send("Network.clearBrowserCache")
        origin = {
            "origin": url,
            "storageTypes": "service_workers,cache_storage",
        }  # what the task list keeps for offline
        session.send("Storage.clearDataForOrigin", origin)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        cold.append(first_paint(page, url + path))
        weight = int(page.evaluate(WEIGHT))
        warm.append(first_paint(page, url + path))
        context.close()
    return statistics.median(cold), statistics.median(warm), weight


def prepare(folder: Path) -> Path:
    engine = create_engine(f"sqlite:///{folder / 'empty.db'}")
    schema.upgrade(engine)
    engine.dispose()
    build_template(folder / "empty.db", folder / "county.db")
    return folder / "county.db"


def add_plain(app: Flask) -> None:
    app.add_url_rule(PLAIN, "bench_plain", lambda: Response("<p>守望</p>", mimetype="text/html"))


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        served = folder / "served"
        served.mkdir()
        template, serving = prepare(folder), Serving(served)
        add_plain(serving.app)
        program = find_program("chromium", "/usr/bin", "/snap/bin", package="chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        print(f"first contentful paint, ms, median of {RUNS}, processor slowed {SLOWER} times")
        print(f"{'page':<28}{'cold':>8}{'warm':>8}{'KB cold':>9}")
        with serving.over(template, folder, ManualClock(MONDAY_MORNING)):
            for who, form, path in (("county", DESK, PLAIN), *PAGES):
                cold, warm, weight = measure(browser, serving.url, who, form, path)
                print(f"{path + ' ' + who:<28}{cold:>8.0f}{warm:>8.0f}{weight / 1024:>9.1f}")
                sys.stdout.flush()
        browser.close()
        serving.stop()


if __name__ == "__main__":
    main()
