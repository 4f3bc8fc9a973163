"""What every connector shares: HTTP with a budget, problems of other systems, what a CRM must offer."""
