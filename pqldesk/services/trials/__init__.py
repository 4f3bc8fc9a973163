"""Trials: states, pace, extensions."""
