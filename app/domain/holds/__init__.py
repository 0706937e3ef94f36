"""Holds: what somebody has stopped, for a reason, until it is lifted."""
