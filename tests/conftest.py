"""What every test may ask for: a fresh workspace on SQLite or PostgreSQL, and a pinned clock."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

pytest_plugins = ["fixtures_crm"]  # a workspace connected to a local CRM double
