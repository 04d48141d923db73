"""The grid worker's page: `/work/`, where the results logged on it arrive, and the service worker that keeps it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from flask import Response, abort, current_app, jsonify, request, send_from_directory, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, has_access_api, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import generate_csrf
from sqlalchemy import exists, select

from app.domain.enums import WorkTaskKind
from app.extensions import clock, db
from app.models import AuditEntry, Phone
from app.queries.household_file_extras import extras_of
from app.queries.scope import current_access, today, vouched
from app.queries.worklist import Page, count_by_kind, list_cards, list_joined
from app.security import audit
from app.security.roles import EVERYBODY, FIELD
from app.services.duties.visit_form import visit_form
from app.views.menu import WORK, add_page
from app.views.pages_worklist_cards import CHIPS, card_of, client_words, sheet_of
from app.views.pages_worklist_log import RefusedEntry, read_entry, store

MOST_CARDS = 100  # a page; a group has 20 to 60 households, so a grid worker has one
LARGEST_ENTRY = 16 * 1024  # bytes of JSON
DUTY = "duty"  # the kind of a contact that is owed, beside the kinds of tasks
_SHOWN, _LIST = "numbers_shown", "work_list"
_SHOWN_EVERY = timedelta(hours=1)


class Worklist(BaseView):
    """GET /work/, GET /work/session, POST /work/log, POST /work/dialled. Numbers are dialled by FIELD roles alone."""

    route_base = "/work"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_log": FIELD}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        kind = next((one for one in (*WorkTaskKind, DUTY) if one == request.args.get("kind")), None)
        may_log = bool(self.appbuilder.sm.has_access("can_log", "Worklist"))
        try:
            page = _page(may_log, request.args.get("after") or None)
        except ValueError:
            abort(400)
        extras = extras_of([card.household_id for card in page.cards])
        cards = [card_of(card, extras[card.household_id]) for card in page.cards]
        for card in cards:
            card["hidden"] = (
                kind is not None
                and all(task["kind"] != kind for task in card["tasks"])
                and (kind != DUTY or card["duty"] is None)
            )
            card["phones"] = card["phones"] if may_log else []
        sheet = sheet_of(visit_form())
        self.update_redirect()
        body = self.render_template(
            "worklist/list.html", cards=cards, total=page.total, chips=_chips(page, kind, may_log), may_log=may_log,
            is_later="after" in request.args, next_after=page.next_after, sheet=sheet, work=work_data(sheet),
        )  # fmt: skip
        if may_log and any(card["phones"] for card in cards):
            _note_numbers_shown(len(cards))
        return body

    @expose("/session", methods=["GET"])
    @has_access_api
    @permission_name("log")
    def session(self) -> Response:
        """Who is signed in, and a token for what the outbox is about to send. 401 after the login has expired."""
        answer = jsonify(user=current_access().user_id, token=generate_csrf())
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/log", methods=["POST"])
    @has_access_api
    @permission_name("log")
    def log(self) -> Any:
        """One entry of the outbox. 204: stored, or stored before. 4xx with `message` in the user's language: not."""
        if (request.content_length or 0) > LARGEST_ENTRY:
            abort(413)
        try:
            entry = read_entry(request.get_json(silent=True), current_access().user_id)
            store(db.session, entry)
        except RefusedEntry as refusal:
            db.session.rollback()
            return jsonify(message=str(refusal), problems=refusal.problems), refusal.status
        db.session.commit()
        return Response(status=204)

    @expose("/dialled", methods=["POST"])
    @has_access_api
    @permission_name("log")
    def dialled(self) -> Response:
        """The worker tapped a number: which, and when, stands in the trail (not whether anybody answered)."""
        body = request.get_json(silent=True)
        phone_id = body.get("phone") if isinstance(body, dict) else None
        phone = db.session.get(Phone, phone_id) if isinstance(phone_id, int) else None
        if phone is None:
            abort(404)
        audit.record("dialled", "phone", phone.id, household_id=phone.household_id, node_id=phone.node_id)
        db.session.commit()
        return Response(status=204)


def work_data(sheet: dict[str, Any]) -> dict[str, Any]:
    """What the page's scripts have to know: who works here, where to send, and the words they say."""
    return {
        "user": current_access().user_id,
        "pageUrl": url_for("Worklist.index"),
        "sessionUrl": url_for("Worklist.session"),
        "logUrl": url_for("Worklist.log"),
        "fileUrl": url_for("VisitRecord.receive_file"),
        "dialUrl": url_for("Worklist.dialled"),
        "loginUrl": url_for("LoginView.login", next=url_for("Worklist.index")),
        "identity": sheet["identity"]["name"],
        "questions": [{"name": one["name"], "normal": one["checked"]} for one in sheet["questions"]],
        "words": client_words(),
    }


def _page(may_log: bool, after: str | None) -> Page:
    """Those who go to the households see the contacts they owe as well; the others have the pages of duties."""
    if may_log:
        return list_joined(db.session, clock.now(), after=after, limit=MOST_CARDS)
    return list_cards(db.session, today(), after=after, limit=MOST_CARDS)


def _chips(page: Page, chosen: str | None, may_log: bool) -> list[dict[str, Any]]:
    counts, home = count_by_kind(db.session), url_for("Worklist.index")
    everything = {"kind": "", "label": _("All"), "href": home, "count": page.total, "active": chosen is None}
    owed = {"kind": DUTY, "label": _("Contacts due"), "href": url_for("Worklist.index", kind=DUTY), "count": page.owed,
            "active": chosen == DUTY}  # fmt: skip
    return [everything, *([owed] if may_log else [])] + [
        {"kind": kind.value, "label": label, "href": url_for("Worklist.index", kind=kind.value), "count": counts[kind],
         "active": chosen is kind}
        for kind, label in CHIPS.items()
    ]  # fmt: skip


def _note_numbers_shown(cards: int) -> None:
    """That this user's page held dialable numbers, once an hour: each single dialling is noted by itself."""
    db.session.rollback()  # the page is rendered; what follows is a transaction of its own, so it may wait for the lock
    table, user_id, now = AuditEntry.__table__, current_access().user_id, clock.now()
    recent = exists().where(table.c.user_id == user_id, table.c.action == _SHOWN, table.c.at > now - _SHOWN_EVERY)
    if db.session.scalar(vouched(select(recent))):
        return
    db.session.rollback()
    audit.record(_SHOWN, _LIST, changes={"households": [None, cards]})
    db.session.commit()


def _service_worker() -> Response:
    """At the root, because a service worker rules only what lies below its own address."""
    answer = send_from_directory(str(current_app.static_folder), "js/sw.js", max_age=0)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def register(appbuilder: Any) -> None:
    add_page(appbuilder, Worklist, WORK, _l("My tasks"), "list-check")
    current_app.add_url_rule("/sw.js", "service_worker", _service_worker, methods=["GET"])
