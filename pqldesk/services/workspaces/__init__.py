"""The workspace as a file or a database: opening it, backups, archives, who else has it open."""
