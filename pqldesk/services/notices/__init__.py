"""What people are told, when, and how often."""
