"""Carrying out what waits: the outbox's runs, and what another system says against a write."""
