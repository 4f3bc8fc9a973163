"""What the window asks for and does, by the names of views/desk.py: public ids in, the time from the clock.

Each is a thin door to the query or command behind it; the rules are there. A room is loaded when something in it is
first asked for.
"""
