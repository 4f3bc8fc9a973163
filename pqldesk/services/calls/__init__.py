"""What other systems say, in one shape: one module for each system reads its JSON or rows into calls.

Intake, pulls and the import of exports use the same readers. Nothing here touches the network or the database.
"""
