"""Storing what files, pulls and the intake bring: identities first, then leads, usage, trials and companies."""
