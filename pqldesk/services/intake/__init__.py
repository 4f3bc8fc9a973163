"""The receiver: other systems' clients, pointed at it unmodified, deliver leads and usage here.

A request is decoded, its credential checked, its items kept; then it is answered. What the items mean is worked out
afterwards (services/raw_store.py).
"""
