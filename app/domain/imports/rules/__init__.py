"""Pure rules of imports: what a column is, what a row says, what would become of it."""
