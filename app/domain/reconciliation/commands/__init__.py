"""The public writes of reconciliation."""

from app.domain.reconciliation.commands.sealing import begin_epoch, seal_ledger, watch_unsealed

__all__ = ["begin_epoch", "seal_ledger", "watch_unsealed"]
