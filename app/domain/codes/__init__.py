"""Label codes and foreign codes: what a scanned text stands for."""
