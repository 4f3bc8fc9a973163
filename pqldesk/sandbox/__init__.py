"""Local doubles of outside systems for demo and tests. Speaks only HTTP."""
