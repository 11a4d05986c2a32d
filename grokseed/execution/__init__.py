"""Who trains what, where: executors, workers, devices, the scanner that trains what is missing."""
