"""A tab of a ranking in some order, as a list shows it."""

from pqldesk.models.ranking import Ranking
from pqldesk.services.figure_rows import ListOrder
from pqldesk.services.queue.queue import numbers_in


def listed(ranking: Ranking, tab: str, sort: str, *, descending: bool) -> ListOrder:
    """What *tab* shows, sorted by one of the ranking's keys or as the list stands by itself (\"\")."""
    ids = numbers_in(ranking.ids(tab, sort, descending=descending))
    return ListOrder(ids, ranking.counts, ranking.about)
