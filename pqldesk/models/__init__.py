"""Tables and the database. Knows no network, no Qt."""
