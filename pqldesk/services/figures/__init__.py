"""What managers look at: funnel, activation, accounts."""
