"""The queue: its rows, search, orders, saved views, past days, exports."""
