"""What `./run` is made of: standard library only, so it starts before anything is installed."""
