"""Proof: seals over the ledger, and what it says against what the projections say."""
