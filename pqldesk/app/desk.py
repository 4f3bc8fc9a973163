"""What the window may ask and do: each thing by its name in views/desk.py, imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from pqldesk.services.basics import clock
from pqldesk.views.desk import Desk, ImportChoices, ImportLook

if TYPE_CHECKING:
    from pqldesk.services.child import Stop

ROOMS: Final = ("queue", "leads", "team", "figures", "delivery", "sources")  # as a window comes to need them
ON_THE_NETWORK: Final = {
    "recheck",
    "source_columns",
    "connect",
    "disconnect",
    "make_fields",
    "follow",
    "send_test_lead",
}
# What depends on who sits here: whom the window was started for comes before the setting.
FOR_WHOM: Final = {
    "lead_order", "view_order", "view_start", "count_leads", "filter_choices", "matching_ids", "queue_views",
}  # fmt: skip
# What these do in other systems or the keyring would stay, though nothing could be stored here.
NOT_FOR_LOOKING: Final = {"connect", "disconnect", "make_fields", "send_test_lead"}


def desk(place: Path | str, rep: Callable[[], str]) -> Desk:
    """What the window may ask and do. The functions behind it are imported when first called, on a thread."""
    own = {
        "preview_import", "run_import", "workspace_facts", "back_up_now", "export_leads", "beside", "invite",
        "open_sample",
    }  # fmt: skip
    asked = {
        field.name: (_net_work if field.name in ON_THE_NETWORK else later)(field.name)
        for field in fields(Desk)
        if field.name not in own | FOR_WHOM
    } | {name: _for_whom(name, rep) for name in FOR_WHOM}

    def preview(path: str, kind: str, choices: ImportChoices) -> ImportLook:
        from pqldesk.services.imports.child import import_beside_window

        return ImportLook.of(
            import_beside_window(
                place, path, kind, choices.mapping, choices.reading(), dry_run=True, rep=rep()
            )
        )

    def run(
        path: str, kind: str, choices: ImportChoices, report: Callable[[int, str], None], stop: Stop
    ) -> ImportLook:
        from pqldesk.services.imports.child import import_beside_window

        mapping, reading = choices.mapping, choices.reading()
        return ImportLook.of(
            import_beside_window(
                place, path, kind, mapping, reading, dry_run=False, rep=rep(), report=report, stop=stop
            )
        )

    def facts() -> Any:
        from pqldesk.services.workspaces.facts import workspace_facts

        return workspace_facts(place)

    def invite(session: Any, email: str, role: str, rep: str) -> Any:
        return _asked("invite")(session, str(place), email, role, rep)

    def back_up() -> Path:
        from pqldesk.services.workspaces.backup import backup_now

        return backup_now(place, clock.now())

    def export(file: str, options: Sequence[str]) -> str:
        from pqldesk.services.export_child import export_beside_window

        return export_beside_window(place, file, options, rep())

    def beside(words: Sequence[str], report: Callable[[int, str], None], stop: Stop) -> Any:
        from pqldesk.services.child import run_beside

        return run_beside(place, words, rep=rep(), report=report, stop=stop)

    def open_sample() -> bool:
        from pqldesk.services.demo.beside import open_sample

        return open_sample()

    return Desk(
        **asked,
        preview_import=preview,
        run_import=run,
        workspace_facts=facts,
        back_up_now=back_up,
        invite=invite,
        export_leads=export,
        beside=beside,
        open_sample=open_sample,
    )


def load(name: str) -> None:
    """Import what the function of that name needs, on a thread that nobody waits for."""
    _asked(name)


def later(name: str) -> Callable[..., Any]:
    """The function of that name, looked up by whoever calls it first."""

    def call(*args: Any) -> Any:
        return _asked(name)(*args)

    call.__name__ = name
    return call


def _for_whom(name: str, rep: Callable[[], str]) -> Callable[..., Any]:
    """The same for whom *rep* names when it is asked; without a name the service takes that of the settings."""

    def call(*args: Any) -> Any:
        return _asked(name)(*args, rep=rep())

    call.__name__ = name
    return call


@cache
def _asked(name: str) -> Callable[..., Any]:
    """Only the rooms up to the one that has it are loaded: before the first page only that of the queue."""
    for room in ROOMS:
        module = import_module(f"pqldesk.services.window.{room}")
        found = getattr(module, name, None)
        if getattr(found, "__module__", "") == module.__name__:
            return cast(Callable[..., Any], found)
    raise LookupError(f"nothing in pqldesk.services.window is called {name}")


def _net_work(name: str) -> Callable[..., Any]:
    """The same for what talks to other systems."""

    async def call(net: Any, *args: Any) -> object:
        if name in NOT_FOR_LOOKING and (why := net.db.only_looked_at) is not None:
            raise why
        return await _asked(name)(net, *args)

    call.__name__ = name
    return call
