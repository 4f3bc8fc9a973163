"""Who works here: members, leases, response times, turns."""
