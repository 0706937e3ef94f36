"""Every model in one import, for the mapper and the migrations."""

from app.core.base import Base
from app.core.outbox import OutboxMessage
from app.core.periodic import PeriodicWork
from app.domain.accounts.models import (
    Grant,
    PasswordReset,
    Role,
    RolePermission,
    RoleRequest,
    SeededPermission,
    SubmitGrant,
    User,
)
from app.domain.alerts.models import Alert, Notification, QuietHours
from app.domain.audit.models import AuditEntry
from app.domain.catalog.models import Item, UnitOfMeasure
from app.domain.codes.models import Alias, LabelCode, LabelEntry
from app.domain.exports.models import ExportRun
from app.domain.holds.models import Hold
from app.domain.imports.models import ImportRow, ImportRun
from app.domain.ledger.models import Balance, IdempotencyKey, Movement, Posting, SiteBalance
from app.domain.locations.models import Department, Location, Shift, Site
from app.domain.lots.models import Lot, LotDecision
from app.domain.partners.models import Partner
from app.domain.reconciliation.models import (
    CheckPlan,
    Checkpoint,
    CheckpointBalance,
    CheckRun,
    Discrepancy,
    Epoch,
    LedgerCursor,
    ProvenBalance,
    Seal,
    SealLeaf,
)
from app.domain.reservations.models import Reservation
from app.domain.sync.models import Device, ScanEvent, ScanOutcome
from app.domain.units.models import Unit

__all__ = [
    "Alert",
    "Alias",
    "AuditEntry",
    "Balance",
    "Base",
    "CheckPlan",
    "CheckRun",
    "Checkpoint",
    "CheckpointBalance",
    "Department",
    "Device",
    "Discrepancy",
    "Epoch",
    "ExportRun",
    "Grant",
    "Hold",
    "IdempotencyKey",
    "ImportRow",
    "ImportRun",
    "Item",
    "LabelCode",
    "LabelEntry",
    "LedgerCursor",
    "Location",
    "Lot",
    "LotDecision",
    "Movement",
    "Notification",
    "OutboxMessage",
    "Partner",
    "PasswordReset",
    "PeriodicWork",
    "Posting",
    "ProvenBalance",
    "QuietHours",
    "Reservation",
    "Role",
    "RolePermission",
    "RoleRequest",
    "ScanEvent",
    "ScanOutcome",
    "Seal",
    "SealLeaf",
    "SeededPermission",
    "Shift",
    "Site",
    "SiteBalance",
    "SubmitGrant",
    "Unit",
    "UnitOfMeasure",
    "User",
]
