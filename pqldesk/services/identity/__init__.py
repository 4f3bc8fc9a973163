"""Is this the same lead? Keys, merges that can be taken back, and suggestions where only somebody can tell."""
