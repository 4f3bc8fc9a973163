"""Scoring: the rules are pure (model, rules, timeline, milestones); storage comes in beside them."""
