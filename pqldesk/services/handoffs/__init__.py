"""Handing a lead over: what is said, to whom, and what would hold it."""
