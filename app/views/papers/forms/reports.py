"""Forms 3 to 6: what is reported, changed, asked for and applied for (D0-28…D0-33)."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.labels import label_of
from app.domain.masking import mask_id, mask_phone
from app.domain.papers import Facts, Sheet, Signs, Words
from app.domain.quarters import CHINA
from app.domain.register.fields import FIELDS, Kind, choices_of
from app.domain.register.receipts import show_receipt
from app.extensions import db
from app.models import Appeal, Application, ChangeRequest, Clue, Household
from app.queries.household_file_timeline import names_of_users
from app.views import dates
from app.views.followup_words import NEWS
from app.views.papers.build import (
    Entry,
    head_facts,
    list_of,
    members,
    of_household,
    paper,
    risk_words,
    title,
    unit_words,
)
from app.views.register.codes import code_words


def _clues(household: Household) -> list[Entry]:
    query = of_household(Clue, Clue.raised_at.desc(), Clue.id.desc())(household)
    return list_of(query, lambda one: f"{dates.civil(one.raised_at.astimezone(CHINA).date())} {_(label_of(one.kind))}")


@paper("clue", _clues)
def clue(key: int) -> Sheet | None:
    found = db.session.get(Clue, key)
    if found is None or found.household is None:
        return None
    names = names_of_users({found.raised_by_id, found.settled_by_id})
    facts = Facts((
        (_("Kind"), _(label_of(found.kind))), (_("Urgency"), _(label_of(found.urgency))),
        (_("Source"), _(label_of(found.source))), (_("State"), _(label_of(found.state))),
        (_("Reported at"), dates.moment(found.raised_at)), (_("Reported by"), names.get(found.raised_by_id, "")),
        (_("Settled at"), dates.moment(found.settled_at)), (_("Settled by"), names.get(found.settled_by_id, "")),
    ))  # fmt: skip
    return Sheet(title("clue"), (head_facts(found.household), facts, Words(found.detail or "—", _("What was reported")),
                                 Words(found.result or "—", _("What was found")),
                                 Signs((_("Reported by"), _("Received by the village")))),
                 number=f"{found.raised_at.year}-{found.id:08d}")  # fmt: skip


def _changes(household: Household) -> list[Entry]:
    query = of_household(ChangeRequest, ChangeRequest.created_at.desc(), ChangeRequest.id.desc())(household)
    return list_of(query, lambda one: f"{dates.civil(one.created_at.astimezone(CHINA).date())} {_field(one)}")


def _field(found: ChangeRequest) -> str:
    field = FIELDS.get(found.field)
    others = {"absence": _("Absence"), "phone": _("Phone number"), "moved": _("Moved away")}
    label = _(field.label) if field else others.get(found.field, found.field)
    return str(_("%(step)s: %(what)s", step=found.member.name, what=label) if found.member is not None else label)


def _value(found: ChangeRequest, text: str | None) -> str:
    """As the register words it; numbers masked."""
    field = FIELDS.get(found.field)
    if not text:
        return ""
    if field is None:
        return mask_phone(text) if found.field == "phone" else str(NEWS.get(text, text))
    if field.kind is Kind.ID_NUMBER:
        return mask_id(text)
    if field.kind is Kind.POLICY:
        return code_words(text, field.policy_list, node_id=found.node_id)
    label = choices_of(field, {}).get(text)
    return _(label) if label else text


@paper("change", _changes)
def change(key: int) -> Sheet | None:
    found = db.session.get(ChangeRequest, key)
    if found is None:
        return None
    names = names_of_users({found.proposed_by_id, found.decided_by_id})
    facts = Facts((
        (_("What changes"), _field(found)), (_("State"), _(label_of(found.state))),
        (_("Before"), _value(found, found.old_value)), (_("After"), _value(found, found.new_value)),
        (_("Proposed on"), dates.moment(found.created_at)), (_("Proposed by"), names.get(found.proposed_by_id, "")),
        (_("Decided on"), dates.moment(found.decided_at)), (_("Decided by"), names.get(found.decided_by_id, "")),
        (_("Why"), found.reason or ""), (_("Remark"), found.note),
    ))  # fmt: skip
    return Sheet(title("change"), (head_facts(found.household), facts,
                                   Signs((_("Signature of the household"), _("Proposed by"), _("Decided by")))),
                 number=f"{found.created_at.year}-{found.id:08d}")  # fmt: skip


def _appeals(household: Household) -> list[Entry]:
    query = of_household(Appeal, Appeal.received_on.desc(), Appeal.id.desc())(household)
    return list_of(query, lambda one: f"{dates.civil(one.received_on)} {_(label_of(one.kind))}")


@paper("appeal", _appeals)
def appeal(key: int) -> Sheet | None:
    found = db.session.get(Appeal, key)
    if found is None:
        return None
    who = head_facts(found.household) if found.household is not None else Facts(
        ((_("Told by"), found.told_by or ""), (_("Unit"), unit_words(found.node_id)))
    )  # fmt: skip
    facts = Facts((
        (_("Kind"), _(label_of(found.kind))), (_("State"), _(label_of(found.state))),
        (_("Received on"), dates.civil(found.received_on)), (_("Answered at"), dates.moment(found.answered_at)),
    ))  # fmt: skip
    return Sheet(
        title("appeal"),
        (
            who,
            facts,
            Words(found.words, _("What was said")),
            Words(found.answer or "—", _("Answer")),
            Words(found.closing or "—", _("What became of it")),
            Signs((_("Signature of the household"), _("Answered by"))),
        ),
        number=f"{found.received_on.year}-{found.id:08d}",
    )


def _application_of(household: Household) -> Application | None:
    query = select(Application).where(Application.matched_household_id == household.id)
    found: Application | None = db.session.scalars(query.order_by(Application.id.desc())).first()
    return found


def _applications(household: Household) -> list[Entry]:
    found = _application_of(household)
    words = _("Receipt %(number)s", number=show_receipt(found.receipt)) if found else _("To be filled in by hand")
    return [Entry(household.id, words)]


@paper("application", _applications)
def application(key: int) -> Sheet | None:
    """Of the household's latest application; without one, with lines to be filled in by hand."""
    household = db.session.get(Household, key)
    if household is None:
        return None
    found = _application_of(household)
    number = show_receipt(found.receipt) if found else ""
    filed = (
        (_("Phone number"), mask_phone(found.phone) if found else ""),
        (
            _("Kind of difficulty"),
            risk_words(household.node_id, [found.risk_code]) if found and found.risk_code else "",
        ),
        (_("Applied at"), dates.moment(found.submitted_at) if found else ""),
        (_("Filled in by"), _("with help") if found and found.is_assisted else ""),
        (_("Fingerprint"), found.fingerprint_note if found else ""),
    )
    hardship = found.hardship if found else "\n\n\n"
    pledge = _("I state the circumstances of my family truthfully. I agree that the authorities compare what concerns "
               "the income and the property of my family, for this application alone. If I conceal anything, I bear "
               "the consequences.")  # fmt: skip
    return Sheet(title("application"), (head_facts(household, *filed), Words(hardship, _("The family's difficulty")),
                                        members(household), Words(pledge, _("Commitment and authorisation")),
                                        Signs((_("Applicant (signature or fingerprint)"), _("Family members of age"),
                                               _("Date")))), number=number)  # fmt: skip
