"""Scoring models: versions, replay against the past, learned weights."""
