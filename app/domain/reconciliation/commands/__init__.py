"""The public writes of reconciliation."""

from app.domain.reconciliation.commands.checking import (
    begin_check,
    fail_check,
    finish_check,
    record_touched,
    request_check,
    request_full_check,
    start_due_checks,
)
from app.domain.reconciliation.commands.checkpoints import take_checkpoint
from app.domain.reconciliation.commands.proving import begin_line, move_line, set_proven, take_line
from app.domain.reconciliation.commands.sealing import begin_epoch, seal_ledger, watch_unsealed
from app.domain.reconciliation.commands.settling import (
    close,
    correct,
    explain,
    plan_daily_check,
    rebuild_balances,
)

__all__ = [
    "begin_check",
    "begin_epoch",
    "begin_line",
    "close",
    "correct",
    "explain",
    "fail_check",
    "finish_check",
    "move_line",
    "plan_daily_check",
    "rebuild_balances",
    "record_touched",
    "request_check",
    "request_full_check",
    "seal_ledger",
    "set_proven",
    "start_due_checks",
    "take_checkpoint",
    "take_line",
    "watch_unsealed",
]
