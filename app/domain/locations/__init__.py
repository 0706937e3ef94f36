"""Sites, departments and the tree of places in which stock lies."""
