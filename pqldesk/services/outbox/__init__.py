"""What waits to be written to other systems, and what makes it wait: rows, steps, playbooks."""
