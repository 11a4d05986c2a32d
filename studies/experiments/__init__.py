"""Parts of the six experiments, A to F of `plan.md`: their plans, tables and verdicts."""
