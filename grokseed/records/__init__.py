"""What a run leaves, and how it is kept: trajectory, record, store, tables. No torch."""
