"""Reservations: what of a site's stock is promised to whom."""
