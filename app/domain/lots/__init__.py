"""Lots: quantities of one item that were made or received together."""
