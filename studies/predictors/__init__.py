"""Parts of the studies of what tells early runs: early verdicts and published laws."""
