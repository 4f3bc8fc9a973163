"""Brings up each page as it is while something stands in the way: for pictures, and for whoever inspects it whole."""

from collections.abc import Callable, Iterator

from pqldesk.services.basics.problems import NoPermission, WorkspaceAway, WorkspaceBusy, WorkspaceOnlyRead
from pqldesk.services.basics.texts import _
from pqldesk.views.main_window import MainWindow
from pqldesk.views.navigation import PLACES, Place
from pqldesk.views.rights import MANAGES
from pqldesk.views.scenes import Settle
from pqldesk.views.settings_page import SECTIONS, SettingsPage


def in_the_way(window: MainWindow, settle: Settle) -> Iterator[str]:
    """Every page offline, after an error that can be tried again, without the right to change it, and only read."""
    window.overlay.close_sheet()
    had_sample = window.bars.sample.isVisible()
    window.bars.sample.hide()  # no sample has a server, nor people who may do less than others
    yield from _offline(window, settle)
    yield from _refused(window, settle, "error", _busy)
    yield from _no_permission(window, settle)
    yield from _only_read(window, settle)
    window.bars.sample.setVisible(had_sample)
    window.show_page("queue")


def _offline(window: MainWindow, settle: Settle) -> Iterator[str]:
    away = window.context.background.away
    place = _("The database {place} did not answer: {said}.").format(
        place="postgresql://db.example/growth", said="connection refused"
    )
    away.emit(WorkspaceAway(place))
    yield from _each(window, settle, "offline")
    window.bars.away.hide()  # else its return would be told
    away.emit(None)


def _no_permission(window: MainWindow, settle: Settle) -> Iterator[str]:
    """As a rep of a team sees it, who tried what managers do."""
    rights, settings = window.context.rights, window.page("settings")
    rights.know("rep", window.context.rep)
    if isinstance(settings, SettingsPage):
        settings.open_section("hours")
    yield from _refused(window, settle, "no-permission", lambda _place: NoPermission(rights.why_not(MANAGES)))
    if isinstance(settings, SettingsPage):
        settings.open_section(SECTIONS[0][0])
    rights.know("", window.context.rep)


def _refused(
    window: MainWindow, settle: Settle, state: str, problem: Callable[[Place], Exception]
) -> Iterator[str]:
    for place in PLACES:
        window.show_page(place.key)
        window.show_problem(problem(place))
        settle(window)
        yield f"{place.key}-{state}"
    window.bars.problem.hide()
    window.bars.refused.hide()


def _only_read(window: MainWindow, settle: Settle) -> Iterator[str]:
    window.context.background.only_read.emit(
        WorkspaceOnlyRead(
            _("{path} cannot be written, so it can only be looked at.").format(
                path="/media/team/growth.pqldesk"
            ),
            _("Ask for write access to it and its folder, or copy it: pqldesk backup FILE."),
        )
    )
    yield from _each(window, settle, "only-read")
    window.bars.looking.hide()
    window.context.rights.only_look(None)


def _each(window: MainWindow, settle: Settle, state: str) -> Iterator[str]:
    for place in PLACES:
        window.show_page(place.key)
        settle(window)
        yield f"{place.key}-{state}"


def _busy(_place: Place) -> WorkspaceBusy:
    problem = WorkspaceBusy(
        _("The workspace {place} {what}.").format(
            place="growth.pqldesk", what=_("is being written by another program")
        ),
        _("Try again in a moment."),
    )
    problem.again = _nothing
    return problem


def _nothing() -> None:
    return None
