"""Config and seeds in, trajectories out. No files, no clock, no printing."""
