"""Where a run computes: on this machine, or on a cluster."""
