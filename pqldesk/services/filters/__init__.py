"""The one filter grammar: text to clauses, clauses to SQL or to a test of one row."""
