"""Every table, imported once, so that Alembic and the mappers see them all."""

from flask_appbuilder.security.sqla import models as security_models

from app.models.applications import Appeal, Application, ApplicationEntry, RateWindow
from app.models.attempts import Answer, Attempt, CarrierCallback, Recording, SmsMessage
from app.models.audit import AuditEntry
from app.models.campaigns import Campaign, CarrierRoute, Contact, IvrScript, PacingBudget, Tick
from app.models.cases import Case, CaseEntry, CaseNotice, CaseObjection, CaseTemplate
from app.models.checkup import CheckupException, CheckupFinding, CheckupRun, CheckupSetting
from app.models.clues import ClueEntry, ClueNotice, ClueReport, ClueReporter
from app.models.department_warnings import ComparisonResult, WarningBatch, WarningRow
from app.models.departments import Department
from app.models.duties import ContactDates, LastContact, Sweep, VisitCorrection, VisitFile
from app.models.followup import ChangeRequest, Clue, WorkTask
from app.models.grid import GridLevel, GridNode
from app.models.grid_care import (
    CoveredPlace,
    GridChange,
    GridSupervision,
    GridSupervisionUnit,
    GridTask,
    LeadingMember,
    NetworkCode,
    NodeAlias,
    NodeLineage,
    SubArea,
    SubAreaLead,
    SubAreaUnit,
)
from app.models.grid_publicity import GridNotice, GridNoticeText, PublicityRecord, SyncBatch, SyncItem
from app.models.households import Absence, Household, Member, OptOut, Phone
from app.models.imports import ImportBatch, ImportRow
from app.models.income import IncomeSheet
from app.models.ledgers import LedgerPack
from app.models.measures import (
    HelpPlan,
    MeasureDispatch,
    PlanCheck,
    PlanEvidence,
    PlanItem,
    PlanLine,
    PlanReckoning,
    VisitReceipt,
)
from app.models.meetings import (
    Meeting,
    MeetingAddendum,
    MeetingAttendee,
    MeetingFile,
    MeetingItem,
    Resolution,
    ResolutionEntry,
)
from app.models.monthly import MonthlyReport, MonthlyReportEntry
from app.models.policy import PolicyDocument, PolicyProfile
from app.models.register import (
    FocusTag,
    Helper,
    HouseholdCategoryChange,
    HouseholdQr,
    LivingConditions,
    Measure,
    MonitoringRecord,
)
from app.models.roundtrip import MergeRecord, NationalBatch, NationalPart, NationalRow
from app.models.samples import SampleCheck, SampleDraw, SampleInspector, SampleItem, SampleReplacement
from app.models.supervision import Inspection, InspectionUnit, Issue, IssueStep, PatternNote
from app.models.visit_checks import VisitCheck
from app.models.visits import Visit
from app.models.worker_files import (
    AgeException,
    Participation,
    RosterFiling,
    WorkerCheck,
    WorkerFile,
    WorkerHandover,
    WorkerIdentity,
    WorkerProposal,
    WorkerReward,
)
from app.models.worker_pay import (
    Evaluation,
    EvaluationObjection,
    EvaluationScheme,
    SubsidyLine,
    SubsidyRun,
    SubsidyScheme,
)
from app.models.worker_training import Handbook, HandbookReceipt, TrainingAttendance, TrainingSession
from app.models.workers import Assignment, GridWorker, LoginState

__all__ = [
    "Absence",
    "AgeException",
    "Answer",
    "Appeal",
    "Application",
    "ApplicationEntry",
    "Assignment",
    "Attempt",
    "AuditEntry",
    "Campaign",
    "CarrierCallback",
    "CarrierRoute",
    "Case",
    "CaseEntry",
    "CaseNotice",
    "CaseObjection",
    "CaseTemplate",
    "ChangeRequest",
    "CheckupException",
    "CheckupFinding",
    "CheckupRun",
    "CheckupSetting",
    "Clue",
    "ClueEntry",
    "ClueNotice",
    "ClueReport",
    "ClueReporter",
    "ComparisonResult",
    "Contact",
    "ContactDates",
    "CoveredPlace",
    "Department",
    "Evaluation",
    "EvaluationObjection",
    "EvaluationScheme",
    "FocusTag",
    "GridChange",
    "GridLevel",
    "GridNode",
    "GridNotice",
    "GridNoticeText",
    "GridSupervision",
    "GridSupervisionUnit",
    "GridTask",
    "GridWorker",
    "Handbook",
    "HandbookReceipt",
    "HelpPlan",
    "Helper",
    "Household",
    "HouseholdCategoryChange",
    "HouseholdQr",
    "ImportBatch",
    "ImportRow",
    "IncomeSheet",
    "Inspection",
    "InspectionUnit",
    "Issue",
    "IssueStep",
    "IvrScript",
    "LastContact",
    "LeadingMember",
    "LedgerPack",
    "LivingConditions",
    "LoginState",
    "Measure",
    "MeasureDispatch",
    "Meeting",
    "MeetingAddendum",
    "MeetingAttendee",
    "MeetingFile",
    "MeetingItem",
    "Member",
    "MergeRecord",
    "MonitoringRecord",
    "MonthlyReport",
    "MonthlyReportEntry",
    "NationalBatch",
    "NationalPart",
    "NationalRow",
    "NetworkCode",
    "NodeAlias",
    "NodeLineage",
    "OptOut",
    "PacingBudget",
    "Participation",
    "PatternNote",
    "Phone",
    "PlanCheck",
    "PlanEvidence",
    "PlanItem",
    "PlanLine",
    "PlanReckoning",
    "PolicyDocument",
    "PolicyProfile",
    "PublicityRecord",
    "RateWindow",
    "Recording",
    "Resolution",
    "ResolutionEntry",
    "RosterFiling",
    "SampleCheck",
    "SampleDraw",
    "SampleInspector",
    "SampleItem",
    "SampleReplacement",
    "SmsMessage",
    "SubArea",
    "SubAreaLead",
    "SubAreaUnit",
    "SubsidyLine",
    "SubsidyRun",
    "SubsidyScheme",
    "Sweep",
    "SyncBatch",
    "SyncItem",
    "Tick",
    "TrainingAttendance",
    "TrainingSession",
    "Visit",
    "VisitCheck",
    "VisitCorrection",
    "VisitFile",
    "VisitReceipt",
    "WarningBatch",
    "WarningRow",
    "WorkTask",
    "WorkerCheck",
    "WorkerFile",
    "WorkerHandover",
    "WorkerIdentity",
    "WorkerProposal",
    "WorkerReward",
    "security_models",
]  # fmt: skip
