"""The roll-ups of usage: what each identity did, in all and each day, kept up to the log in the batch's transaction."""

from pqldesk.models.driver import Driver
from pqldesk.services.ingest.stored import Stored

# The plus signs keep SQLite from walking the index by identity, the whole log, to save itself the sorting of one batch.
TOTALS = """
INSERT INTO usage_total (identity_id, kind_id, n, quantity, first_at, last_at)
SELECT +identity_id, +kind_id, count(*), sum(quantity), min(at), max(at) FROM usage_event WHERE seq > ?
GROUP BY +identity_id, +kind_id
ON CONFLICT (identity_id, kind_id) DO UPDATE SET
  n = usage_total.n + excluded.n,
  quantity = usage_total.quantity + excluded.quantity,
  first_at = CASE WHEN excluded.first_at < usage_total.first_at THEN excluded.first_at ELSE usage_total.first_at END,
  last_at = CASE WHEN excluded.last_at > usage_total.last_at THEN excluded.last_at ELSE usage_total.last_at END
"""
DAYS = """
INSERT INTO usage_day (identity_id, day, kind_id, n, quantity)
SELECT +identity_id, +day, +kind_id, count(*), sum(quantity) FROM usage_event WHERE seq > ?
GROUP BY +identity_id, +day, +kind_id
ON CONFLICT (identity_id, day, kind_id) DO UPDATE SET
  n = usage_day.n + excluded.n, quantity = usage_day.quantity + excluded.quantity
"""
TOUCHED = """
SELECT i.lead_id, min(e.at) FROM usage_event e JOIN identity i ON i.id = e.identity_id
WHERE e.seq > ? AND i.lead_id IS NOT NULL GROUP BY i.lead_id
"""


def roll_up(driver: Driver, watermark: int, stored: Stored) -> None:
    """Bring both roll-ups up to the events after *watermark*, and note whose they are."""
    driver.run(TOTALS, (watermark,))
    driver.run(DAYS, (watermark,))
    stored.earliest = dict(driver.rows(TOUCHED, (watermark,)))
    stored.leads |= stored.earliest.keys()
