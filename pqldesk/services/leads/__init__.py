"""One lead: its whole record, and what a person does with it."""
