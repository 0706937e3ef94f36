"""What is stocked: items and their units of measure."""
