"""Units: physical things with a label of their own."""
