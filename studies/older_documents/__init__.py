"""Parts of the studies of documents 000 to 003: arms and grids, tables, verdicts on sentences."""
