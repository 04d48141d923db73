"""We shadow these templates of Flask-AppBuilder. When one changes upstream, compare it with ours, renew its hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

import flask_appbuilder
import pytest

UPSTREAM = Path(flask_appbuilder.__file__).parent / "templates"
OURS = Path(__file__).parents[2] / "app" / "templates"

# SHA-256, first 16 digits, of Flask-AppBuilder 5.3.0
SHADOWED = {
    "appbuilder/baselayout.html": "105fed3336242802",
    "appbuilder/flash.html": "a268376b17b04c6d",
    "appbuilder/footer.html": "7f14fd7e7ee23dcc",
    "appbuilder/general/alert.html": "a1d8f674dcdba297",
    "appbuilder/general/confirm.html": "b40fa102c061f75b",
    "appbuilder/general/lib.html": "d91fc4025d4fc213",
    "appbuilder/general/model/edit.html": "a10db10430c6aa9f",
    "appbuilder/general/model/list.html": "7c11106ff27fb6d2",
    "appbuilder/general/model/show.html": "67a574db1dc124a2",
    "appbuilder/general/security/login_db.html": "809558f64c446bff",
    "appbuilder/general/widgets/base_list.html": "16fec5c8fa0b3da9",
    "appbuilder/general/widgets/form.html": "640a41d53d00a184",
    "appbuilder/general/widgets/list.html": "2a0fad48fe42239c",
    "appbuilder/general/widgets/roles/list.html": "fbf2cb3dbc25ccb6",
    "appbuilder/general/widgets/roles/show.html": "3d84311595cea9f6",
    "appbuilder/general/widgets/search.html": "36c988fa2af397d9",
    "appbuilder/general/widgets/show.html": "babd5b80d4e383c4",
    "appbuilder/index.html": "3492808dca8bf42e",
    "appbuilder/init.html": "63cd58ec542d996f",
    "appbuilder/navbar.html": "140e7b7ef55a8b66",
    "appbuilder/navbar_menu.html": "c80d05552fa166cf",
    "appbuilder/navbar_right.html": "0a7b39c996f2f3a1",
}


@pytest.mark.parametrize("name", SHADOWED)
def test_the_template_we_shadow_is_unchanged(name: str) -> None:
    digest = hashlib.sha256((UPSTREAM / name).read_bytes()).hexdigest()[:16]
    assert digest == SHADOWED[name], f"{name} changed upstream: adapt app/templates/{name}, then renew the hash"


def test_every_shadowed_template_is_listed() -> None:
    ours = {path.relative_to(OURS).as_posix() for path in (OURS / "appbuilder").rglob("*.html")}
    assert {name for name in ours if (UPSTREAM / name).exists()} == set(SHADOWED)
