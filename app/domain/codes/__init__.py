"""Label codes and aliases: what is printed on a label and how a scanned text is read."""
