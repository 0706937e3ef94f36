"""Work outside of requests: the outbox's way to the queue and back, and what runs by the clock."""
