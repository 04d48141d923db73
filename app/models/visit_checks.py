"""回访核实: which recorded visit a call-back asks about. What was answered stands in `answer`, with the visit."""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.campaigns import Campaign, Contact
from app.models.households import Household
from app.models.supervision import Issue
from app.models.types import AreaMixin, BigId
from app.models.visits import Visit


class VisitCheck(AreaMixin, db.Model):
    """One visit in one round. `issue`: raised when the household said otherwise, for a person to look into."""

    __tablename__ = "visit_check"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), unique=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)  # in drawn order
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("issue.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    campaign: Mapped[Campaign] = relationship()
    contact: Mapped[Contact] = relationship()
    household: Mapped[Household] = relationship()
    visit: Mapped[Visit] = relationship()
    issue: Mapped[Issue | None] = relationship()

    __table_args__ = (UniqueConstraint("campaign_id", "visit_id", name="uq_visit_check_visit"),)
