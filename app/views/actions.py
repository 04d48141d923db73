"""Actions of generated views, guarded: FAB loads their rows without the base filters and calls them with None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.domain.transitions import InvalidTransition
from app.extensions import db


class GuardedActions:
    """Mixin before ModelView: unknown action 404, no permission 403, row outside the scope 404, wrong state refused."""

    actions: dict[str, Any]
    appbuilder: Any
    class_permission_name: str
    datamodel: Any
    endpoint: str
    _base_filters: Any
    get_action_permission_name: Any

    def action_visible(self, item: Any, name: str) -> bool:
        """Does action `name` make sense for this row now? Hidden on its page and refused when posted otherwise."""
        return True

    def _permitted_action(self, name: str) -> Any:
        action = self.actions.get(name) or abort(404)
        if not self.appbuilder.sm.has_access(self.get_action_permission_name(name), self.class_permission_name):
            abort(403)
        return action

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: str) -> Any:
        """One row, from its page."""
        action = self._permitted_action(name)
        if not action.single:
            abort(404)
        item = self.datamodel.get(pk, self._base_filters) or abort(404)
        if not self.action_visible(item, name):
            flash(_("This is no longer possible: the record has changed in the meantime."), "warning")
            return redirect(url_for(f"{self.endpoint}.show", pk=pk))
        return action.func(item)

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """The rows selected in a list; at most one page of them."""
        name = request.form.get("action", "")
        action = self._permitted_action(name)
        keys = list(dict.fromkeys(request.form.getlist("rowid")))
        if not action.multiple or not 0 < len(keys) <= self.datamodel.max_page_size:
            abort(400)
        items = [self.datamodel.get(key, self._base_filters) or abort(404) for key in keys]
        ready = [item for item in items if self.action_visible(item, name)]
        if len(ready) < len(items):
            skipped = len(items) - len(ready)
            flash(_("%(count)d records were left out: their state does not allow it.", count=skipped), "warning")
        return action.func(ready) if ready else redirect(url_for(f"{self.endpoint}.list"))


def run_each(view: Any, items: Any, act: Callable[[Any], Any]) -> Any:
    """Apply one verb to a record or to the selected ones, and commit once.

    One that somebody else moved on in the meantime is left out and counted. Back to the record, or to the list.
    """
    rows = items if isinstance(items, list) else [items]
    done = 0
    for row in rows:
        try:
            act(row)
        except InvalidTransition:
            continue
        done += 1
    db.session.commit()
    if done:
        flash(_("%(count)d records were changed.", count=done), "success")
    if done < len(rows):
        flash(_("%(count)d records were left out: their state does not allow it.", count=len(rows) - done), "warning")
    if isinstance(items, list):
        return redirect(url_for(f"{view.endpoint}.list"))
    return redirect(url_for(f"{view.endpoint}.show", pk=items.id))
