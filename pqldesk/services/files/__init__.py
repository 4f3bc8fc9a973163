"""Files of leads, companies, events and trials: what they are, how they are read and written.

Nothing here knows a database. opening.open_table says what a file is and gives a SourceTable; mapping.map_columns
names its columns; records.RecordReader and event_rows.event_pages turn rows into checked values; rejects and
export write. The rule for empty values, told to the user: an empty cell is empty, anything else is what it says
(NA and NULL too), unless a text was named as empty with --null.
"""
