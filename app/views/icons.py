"""A page carries the icons it shows: a dozen drawings instead of the whole sheet, which is most of a page's weight.

Templates always name an icon by the sheet (macros/ui.html: icon). In a whole page those names become references to
drawings at its end; a fragment that a script fetches keeps them, for it may show what its page does not carry.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, g, request, url_for

SHEET = "vendor/icons.svg"
_USE = re.compile(r'href="[^"#]*/vendor/icons\.svg[^"#]*#([a-z0-9-]+)"')
_SYMBOL = re.compile(r'<symbol id="([^"]+)".*?</symbol>', re.S)
_END = "</body>"


def register_icons(app: Flask) -> None:
    """Before the answers are compressed: Flask calls what was registered last first."""
    app.after_request(_carry_icons)
    app.jinja_env.globals["icon_sheet"] = icon_sheet


def icon_sheet() -> str:
    """The sheet's address, worked out once a request: a page names a hundred icons."""
    if "icon_sheet" not in g:
        g.icon_sheet = url_for("static", filename=SHEET)
    return str(g.icon_sheet)


def _carry_icons(response: Response) -> Response:
    if response.mimetype != "text/html" or response.is_streamed or request.headers.get("X-Requested-With") == "fetch":
        return response
    page = response.get_data(as_text=True)
    if _END in page and SHEET in page:
        response.set_data(carry_icons(page, _drawings(str(current_app.static_folder))))
    return response


def carry_icons(page: str, drawings: dict[str, str]) -> str:
    """`page` with the drawings it uses; a name that the sheet does not have keeps its address, and shows nothing."""
    used: dict[str, str] = {}

    def here(match: re.Match[str]) -> str:
        name = match[1]
        if name not in drawings:
            return match[0]
        used[name] = drawings[name]
        return f'href="#icon-{name}"'

    page = _USE.sub(here, page)
    head, end, tail = page.rpartition(_END)
    return f'{head}<svg class="d-none" aria-hidden="true">{"".join(used.values())}</svg>{end}{tail}'


@lru_cache(maxsize=2)
def _drawings(folder: str) -> dict[str, str]:
    sheet = (Path(folder) / SHEET).read_text("utf-8")
    return {found[1]: found[0].replace('<symbol id="', '<symbol id="icon-', 1) for found in _SYMBOL.finditer(sheet)}
