"""What knows nothing of the trade: database, types, clock, ids, errors, rights, outbox."""
