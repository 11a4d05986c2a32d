"""Used by all studies: options, pages, which runs of a stopped scan count, rules of verdicts."""
