"""Handing out files: the whole ledger as a workbook, made by a job and kept for two weeks."""
