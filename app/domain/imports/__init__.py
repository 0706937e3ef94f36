"""Taking in files: staged, mapped, previewed, applied, and every row accounted for."""
