"""From what was received to usage: rules, raw pages, deriving, remapping."""
