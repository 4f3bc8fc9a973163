"""Puts the window together; the only package that knows all parts. No SQLAlchemy before the first frame."""

from pqldesk.app import binding as binding  # before anything else is imported
from pqldesk.app.door import raise_first as raise_first
from pqldesk.app.window import application as application
from pqldesk.app.window import build_window as build_window
from pqldesk.app.window import close_window as close_window
from pqldesk.app.window import run_window as run_window
