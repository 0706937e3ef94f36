"""Devices, what they scanned, verbatim, and what became of it."""
