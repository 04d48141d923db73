"""Every table, imported once, so that Alembic and the mappers see them all."""

from flask_appbuilder.security.sqla import models as security_models

from app.models.attempts import Answer, Attempt, CarrierCallback, Recording, SmsMessage
from app.models.audit import AuditEntry
from app.models.campaigns import Campaign, CarrierRoute, Contact, IvrScript, PacingBudget, Tick
from app.models.followup import ChangeRequest, Clue, WorkTask
from app.models.grid import GridLevel, GridNode
from app.models.households import Absence, Household, Member, OptOut, Phone
from app.models.imports import ImportBatch, ImportRow
from app.models.visits import Visit
from app.models.workers import Assignment, GridWorker, LoginState

__all__ = [
    "Absence", "Answer", "Assignment", "Attempt", "AuditEntry", "Campaign", "CarrierCallback", "CarrierRoute",
    "ChangeRequest", "Clue", "Contact", "GridLevel", "GridNode", "GridWorker", "Household", "ImportBatch", "ImportRow",
    "IvrScript", "LoginState", "Member", "OptOut", "PacingBudget", "Phone", "Recording", "SmsMessage", "Tick", "Visit",
    "WorkTask", "security_models",
]  # fmt: skip
