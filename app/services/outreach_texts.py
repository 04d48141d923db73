"""The texts the hotline sends. Nothing private is in them: whoever holds the phone may read them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.domain import sms_text
from app.extensions import clock
from app.models import Attempt
from app.services import campaign_kinds, dialogues_context
from app.services.grid_care import notice_sending
from telephony.ivr.state import Context

# 70 UTF-16 units are one segment, and every segment is paid for. No links, no money, no policy words: carriers filter
# them, and people take them for fraud. The village and the worker's name tell who is really calling.
NOTICE = "【{org}】{village}{worker_title}{worker}:明天起会打电话给您做{quarter}联系,请接听。不要钱、不要密码。退订回T"
FALLBACK = ("【{org}】{village}{worker_title}{worker}没有打通您的电话。请回复数字:1一切都好 2收入减少 3生病或事故 "
            "4上学住房饮水有困难 5请回电 6想申请帮扶。退订回T")  # fmt: skip
_TEMPLATES = {"notice": NOTICE, "fallback": FALLBACK}


@dataclass(frozen=True, slots=True)
class Text:
    """`segments` as it will be billed."""

    body: str
    segments: int


def text_for(session: Session, attempt: Attempt) -> Text:
    """The text of an SMS attempt, by its purpose. Raises KeyError for a purpose that sends none, ValueError for a text
    that breaks a carrier's limit."""
    if attempt.purpose == notice_sending.PURPOSE:
        body = notice_sending.body_of(session, attempt)
        return Text(body, sms_text.count(body).segments)
    contact = attempt.contact
    period = campaign_kinds.of(contact.campaign).period(session, contact) if contact is not None else ""
    setting = dialogues_context.setting_of(session, attempt.household, clock.now(), period)
    return compose(attempt.purpose, setting.context)


def compose(purpose: str, context: Context) -> Text:
    body = _TEMPLATES[purpose].format(
        org=context.org, village=context.village, worker_title=context.worker_title, worker=context.worker,
        quarter=context.quarter,
    )  # fmt: skip
    broken = sms_text.limit_broken(body, mainland=True)
    if broken is not None:
        raise ValueError(f"the {purpose} text breaks the limit {broken}")
    return Text(body, sms_text.count(body).segments)
