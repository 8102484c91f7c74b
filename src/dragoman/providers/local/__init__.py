"""Models on this machine, and `echo`, which needs nothing."""
