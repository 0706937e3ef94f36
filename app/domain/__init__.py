"""The trade, one package an area; nothing here imports Flask, RQ or Redis."""
