"""Pulling other systems: what a puller must offer, how far each source is, and the one runner of a workspace."""
