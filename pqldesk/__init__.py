"""PQLDesk: product-qualified leads on the desktop."""

__version__ = "0.1.0"
