"""Connections to CRMs: sign-in, mapping, which side owns a field, what both last agreed on."""
