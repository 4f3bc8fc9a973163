"""What the window may ask and do: each thing by its name in views/desk.py, imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pqldesk.services.basics import clock
from pqldesk.views.desk import Desk, ImportChoices, ImportLook

if TYPE_CHECKING:
    from pqldesk.services.child import Stop


def desk(place: Path | str, rep: Callable[[], str]) -> Desk:
    """What the window may ask and do. The functions behind it are imported when first called, on a thread."""
    own = {
        "preview_import", "run_import", "recheck", "source_columns", "connect", "follow", "send_test_lead",
        "workspace_facts", "back_up_now", "export_leads", "beside", "invite", "make_fields",
    }  # fmt: skip
    asked = {field.name: later(field.name) for field in fields(Desk) if field.name not in own}

    def preview(path: str, kind: str, choices: ImportChoices) -> ImportLook:
        from pqldesk.services.imports.child import import_beside_window

        return ImportLook.of(
            import_beside_window(place, path, kind, choices.mapping, dry_run=True, rep=rep())
        )

    def run(
        path: str, kind: str, choices: ImportChoices, report: Callable[[int, str], None], stop: Stop
    ) -> ImportLook:
        from pqldesk.services.imports.child import import_beside_window

        mapping = choices.mapping
        return ImportLook.of(
            import_beside_window(
                place, path, kind, mapping, dry_run=False, rep=rep(), report=report, stop=stop
            )
        )

    def facts() -> Any:
        from pqldesk.services.workspaces.facts import workspace_facts

        return workspace_facts(place)

    def invite(session: Any, email: str, role: str, rep: str) -> Any:
        from pqldesk.services import window_calls

        return window_calls.invite(session, str(place), email, role, rep)

    def back_up() -> Path:
        from pqldesk.services.workspaces.backup import backup_now

        return backup_now(place, clock.now())

    def export(file: str, options: Sequence[str]) -> str:
        from pqldesk.services.export_child import export_beside_window

        return export_beside_window(place, file, options, rep())

    def beside(words: Sequence[str], report: Callable[[int, str], None], stop: Stop) -> Any:
        from pqldesk.services.child import run_beside

        return run_beside(place, words, rep=rep(), report=report, stop=stop)

    return Desk(
        **asked,
        preview_import=preview,
        run_import=run,
        workspace_facts=facts,
        back_up_now=back_up,
        invite=invite,
        export_leads=export,
        recheck=_recheck,
        source_columns=_source_columns,
        connect=_connect,
        make_fields=_make_fields,
        follow=_follow,
        send_test_lead=_send_test_lead,
        beside=beside,
    )


def later(name: str) -> Callable[..., Any]:
    """The function of that name, imported by whoever calls it first."""

    def call(*args: Any) -> Any:
        from pqldesk.services import source_calls, window_calls

        return (getattr(window_calls, name, None) or getattr(source_calls, name))(*args)

    call.__name__ = name
    return call


async def _connect(net: Any, wanted: Any) -> object:
    from pqldesk.services import window_calls

    return await window_calls.connect(net, wanted)


async def _source_columns(net: Any, system: str) -> object:
    from pqldesk.services import window_calls

    return await window_calls.source_columns(net, system)


async def _recheck(net: Any, system: str) -> object:
    from pqldesk.services import window_calls

    return await window_calls.recheck(net, system)


async def _make_fields(net: Any, system: str) -> object:
    from pqldesk.services import source_calls

    return await source_calls.make_fields(net, system)


async def _follow(net: Any, lead: str) -> object:
    from pqldesk.services import window_calls

    return await window_calls.follow(net, lead)


async def _send_test_lead(net: Any) -> object:
    from pqldesk.services import window_calls

    return await window_calls.send_test_lead(net)
