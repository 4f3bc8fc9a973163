"""What the queue says where it shows nobody."""

from pqldesk.services.basics.texts import _


def nobody(view: str, search: str, *, is_dirty: bool) -> tuple[str, str, str, str]:
    """Why there is nobody, what would help, the button that does it, and the icon."""
    if search and view != "all":
        return (
            _("Nobody in this view matches “{text}”").format(text=search),
            _("The search looks at names, e-mail addresses and companies. Esc drops it."),
            _("Search all leads"), "search",
        )  # fmt: skip
    if search:
        return (
            _("Nobody matches “{text}”").format(text=search),
            _("The search looks at names, e-mail addresses and companies."),
            _("Drop the search"), "search",
        )  # fmt: skip
    if is_dirty:
        return (
            _("Nobody passes this filter"), _("Drop a chip above, or go back to the view as it is saved."),
            _("Revert"), "search",
        )  # fmt: skip
    if view == "open":
        return (
            _("No lead is open"),
            _("Every lead is won, lost, disqualified, handed off or asleep. New ones join by themselves."),
            _("Show all leads"), "circle-check",
        )  # fmt: skip
    return (
        _("Nothing waits here"), _("New leads join this view by themselves as their usage arrives."),
        _("Show all open leads"), "circle-check",
    )  # fmt: skip
