"""Who may import whom (pyproject.toml, [tool.importlinter])."""

from __future__ import annotations

from importlinter.cli import lint_imports


def test_rooms_import_only_what_lies_below_them(capsys) -> None:  # type: ignore[no-untyped-def]
    code = lint_imports(no_cache=True)

    assert code == 0, capsys.readouterr().out
