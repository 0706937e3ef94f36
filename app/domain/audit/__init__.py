"""Who changed which master data, right or setting; stock is audited by the ledger itself."""
