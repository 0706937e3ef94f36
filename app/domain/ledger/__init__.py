"""The heart: movements, postings, balances. Nothing else writes them."""
