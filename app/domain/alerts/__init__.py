"""What somebody must look at."""
