"""Erasing a person: finding them everywhere, removing them, and keeping them from coming back."""
