"""pqldesk model: scoring models and their replay."""

import argparse
import json
import sys
from pathlib import Path

from sqlalchemy.orm import Session

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list, print_object
from pqldesk.services import replay as replaying
from pqldesk.services.changes import Changes
from pqldesk.services.clock import iso
from pqldesk.services.files.refusals import unreadable
from pqldesk.services.problems import BadInput
from pqldesk.services.scoring.live import draft_version, ensure_model, models, publish_version
from pqldesk.services.scoring.model_json import model_from_json, model_to_json
from pqldesk.services.scoring.rescore import rescore_all


def model_list(args: argparse.Namespace) -> None:
    """All versions, the newest first."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(
            lambda session: [
                {
                    "name": one.name,
                    "version": one.version,
                    "live": one.live,
                    "published_at": iso(one.published_at),
                    "published_by": one.published_by,
                    "note": one.note,
                }
                for one in models(session)
            ]
        )
    print_list(rows, ctx.form, ("name", "version", "live", "published_at", "published_by", "note"))


def model_show(args: argparse.Namespace) -> None:
    """One version as the JSON that `model edit` takes."""
    ctx = Context(args)
    with ctx.open():
        print_json(model_to_json(ctx.read(replaying.version_named, args.model).model))


def model_edit(args: argparse.Namespace) -> None:
    """Store a changed model as a new version, not live yet."""
    ctx = Context(args)
    try:
        text = sys.stdin.read() if args.file == "-" else Path(args.file).read_text(encoding="utf-8")
        document = json.loads(text)
    except OSError as refused:
        raise unreadable(Path(args.file), refused) from None
    except ValueError as problem:
        raise BadInput(f"{args.file} cannot be read as JSON: {problem}.", "Start from: model show") from None
    model = model_from_json(document)
    with ctx.open(create=True):

        def store(session: Session) -> dict[str, object]:
            ensure_model(session, ctx.now)
            row = draft_version(session, model, ctx.now, args.note)
            return {"model": row.name, "version": row.version, "live": row.live}

        stored = ctx.write(store)
    print_object(
        stored,
        ctx.form,
        f"Stored as {stored['model']} v{stored['version']}; put it live with: model publish"
        f" '{stored['model']}@{stored['version']}'",
    )


def model_publish(args: argparse.Namespace) -> None:
    """Put a version live and rescore every lead."""
    ctx = Context(args)
    name, sign, version = args.model.rpartition("@")
    if sign and not version.isdigit():
        raise BadInput(f"{args.model!r} names no version.", "Write it like 'PLG default@2'.")
    with ctx.open():
        by = ctx.rep_if_known or "manual"

        def publish(session: Session) -> Changes:
            changes = publish_version(
                session, name if sign else args.model, int(version) if sign else None, by, ctx.now
            )
            rescore_all(session, ctx.now, "model")
            return changes

        ctx.write(publish)
        live = ctx.read(replaying.version_named, None).model
    if ctx.form == "json":
        print_json({"model": live.name, "version": live.version, "live": True})
    else:
        message(f"{live.name} v{live.version} is live.")


def replay(args: argparse.Namespace) -> None:
    """What a model would have said on a past day, against what came."""
    ctx = Context(args)
    with ctx.open():
        figures = ctx.read(
            replaying.replay,
            ctx.at,
            ctx.now,
            model=args.model,
            within=args.within,
            cut=args.cut,
            known_at=ctx.known_at,
        )
    because = figures["known_because"]
    known = f"as known at {figures['known_at']}" if figures["known_at"] else "all that occurred by then"
    print_object(figures, ctx.form)
    message(f"Scores of {figures['as_of']}, {known} ({because}).")
    if not figures["separates"]:
        message(
            "The score does not tell won from lost leads apart: the 95 % interval of its AUC includes one half."
        )
