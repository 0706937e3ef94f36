"""The `flask <area> <verb>` commands."""
