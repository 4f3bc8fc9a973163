"""The commands around the daily work: files, figures, models, other systems, the workspace itself."""

from pqldesk.cli.grammar_leads import filters
from pqldesk.cli.parsing import Parser, count, moment, number, pair, port


def import_commands(top: Parser) -> None:
    """import, export, events."""
    importing = top.command("import", "Read leads, companies, events or trials from files.")
    for kind in ("leads", "companies", "events", "trials"):
        one = importing.command(kind, f"Read {kind} from files.", "importing.import_files")
        one.set_defaults(kind=kind)
        one.add_argument("files", metavar="FILE", nargs="+")
        one.add_argument(
            "--map", action="append", default=[], metavar="COL=FIELD", help="COL= leaves COL out"
        )
        one.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="a constant")
        one.add_argument(
            "--map-event",
            action="append",
            default=[],
            metavar="NAME=KIND",
            help="what an event of NAME counts as",
        )
        one.add_argument("--source", default="file", metavar="NAME", help="where the file came from")
        one.add_argument("--dry-run", action="store_true", help="the same figures, nothing stored")
        one.add_argument("--header-line", metavar="N|none", type=_header_line, help="where the header stands")
        one.add_argument("--delimiter", metavar="C", help="the sign between columns")
        one.add_argument("--encoding", metavar="NAME", help="of the text")
        one.add_argument(
            "--sheet", metavar="NAME", help="of a workbook; default: the first that is not empty"
        )
        order = one.add_mutually_exclusive_group()
        order.add_argument("--day-first", action="store_true", help="02/01/2014 is 2 January")
        order.add_argument("--month-first", action="store_true", help="02/01/2014 is 1 February")
        sign = one.add_mutually_exclusive_group()
        sign.add_argument("--decimal-comma", action="store_true", help="6.718,5 is a number")
        sign.add_argument("--decimal-point", action="store_true", help="6,718.5 is a number")
        one.add_argument(
            "--zone", metavar="ZONE", help="of times that name none; default: the workspace's time zone"
        )
        one.add_argument(
            "--null",
            action="append",
            default=[],
            metavar="TEXT",
            help="TEXT is empty, instead of NULL, \\N, N/A and -",
        )
        one.add_argument("--rejects-dir", metavar="DIR", help="default: beside the file")
        one.add_argument("--page", type=count, metavar="N", help="rows in one transaction")
    everything = importing.command("all", "Fill an unused workspace from an archive.", "archive.import_all")
    everything.add_argument("file", metavar="FILE", help="what `export all` wrote")
    undo = importing.command("undo", "Remove what only that import brought.", "importing.import_undo")
    undo.add_argument("batch", metavar="BATCH")
    undo.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")

    export = top.command("export", "Everything, for you to keep.")
    leads = export.command(
        "leads", "Every lead with its score, signals and outcome.", "exporting.export_leads"
    )
    leads.add_argument("--view", metavar="NAME", help="only the leads of a view, in its order")
    filters(leads)
    leads.add_argument("--out", metavar="FILE", help="default: standard output")
    leads.offer_formats("csv", "json", "jsonl", "xlsx", "table")

    everything = export.command("all", "The whole workspace as one file.", "archive.export_all")
    everything.add_argument("file", metavar="FILE", help="a new file")

    events = top.command("events", "Usage events.")
    aside = events.command("set-aside", "Events that do not count yet, with the reason.")
    aside.command("list", "What was set aside.", "importing.set_aside_list")
    release = aside.command("release", "Count events after all.", "importing.set_aside_release")
    release.add_argument("events", metavar="EVENT", nargs="*", help="all of them where none is named")
    names = events.command("names", "The names that sources send, and what each counts as.", "rules.names")
    names.add_argument("--unmapped", action="store_true", help="only those that no rule knows")
    refused = events.command(
        "refused", "What was received and could not be used, with the reason.", "rules.refused"
    )
    refused.add_argument("--limit", type=count, default=100, metavar="N", help="the newest; 0 is no limit")
    rules = events.command("rules", "What events mean: name and properties to kind, key and quantity.")
    rules.command("list", "Your rules in their order, then the presets of your sources.", "rules.rules_list")
    for verb, what in (
        ("add", "Keep a rule; what is received from now on follows it."),
        ("preview", "What a rule would change about the events received last."),
    ):
        _event_rule(rules.command(verb, what, f"rules.rules_{verb}"))
    remove = rules.command("remove", "Forget a rule.", "rules.rules_remove")
    remove.add_argument("rule", metavar="RULE")
    remap = rules.command(
        "remap", "Derive usage again from what was received, by the rules of now.", "rules.remap"
    )
    remap.add_argument("--source", metavar="NAME", help="only what that source sent")


def _header_line(text: str) -> int | str:
    return text if text == "none" else count(text)


def figure_commands(top: Parser) -> None:
    """activation, funnel, sql, milestone, model, trace, test-lead."""
    activation = top.command(
        "activation", "Milestones: how many leads reached them, and how fast.", "figures.activation"
    )
    activation.add_argument(
        "--days", type=count, metavar="N", help="only leads that signed up in the last N days"
    )
    activation.add_argument(
        "--show",
        choices=("curves", "weeks", "value", "stalled", "winners"),
        help="the share within so many days, by signup week, time to first value, stalled leads, or who won, instead",
    )
    funnel = top.command("funnel", "From signup to won.", "figures.funnel")
    funnel.add_argument("--by", choices=("week", "source", "placement", "plan", "owner", "rep"))
    funnel.add_argument(
        "--from",
        dest="since",
        metavar="T",
        type=moment,
        help="only leads that signed up on that day or later",
    )
    funnel.add_argument("--to", metavar="T", type=moment, help="as of then, and who signed up until then")
    funnel.add_argument("--source", metavar="NAME", help="only leads of this source; --rep: only theirs")
    funnel.add_argument(
        "--days", type=count, metavar="N", help="only leads that signed up in the last N days"
    )
    funnel.add_argument(
        "--show",
        choices=("speed", "bands", "reps", "retention", "value"),
        help="speed to lead, win rate by band, reps, weekly retention, or days to first value instead",
    )

    sql = top.command("sql", "A query of your own, which can only read.", "own_query.sql")
    sql.add_argument(
        "query", metavar="QUERY", help="over the tables of docs/schema.md; - reads it from standard input"
    )
    sql.add_argument("--limit", type=count, default=1000, metavar="N", help="rows at most; 0 is no limit")

    milestone = top.command("milestone", "The steps of activation.")
    milestone.command("list", "All milestones in order.", "milestones.milestone_list")
    change = milestone.command("set", "Change a milestone, or add one.", "milestones.milestone_set")
    change.add_argument("key", metavar="KEY")
    change.add_argument("--kind", metavar="EVENT", help="the usage event it waits for")
    change.add_argument("--label", metavar="TEXT", help="its name; the key otherwise")
    change.add_argument("--measure", choices=("count", "sum", "distinct_keys"))
    change.add_argument("--threshold", type=number, metavar="N", help="at least so much of it; 1")
    change.add_argument(
        "--within", dest="within_days", type=count, metavar="DAYS", help="of signup; 0 is any time"
    )
    change.add_argument("--weight", type=number, metavar="N", help="its part of activation; 1")
    gone = milestone.command("remove", "Take a milestone away.", "milestones.milestone_remove")
    gone.add_argument("key", metavar="KEY")

    model = top.command("model", "Scoring models.")
    model.command("list", "All versions.", "models.model_list")
    show = model.command("show", "One version as JSON.", "models.model_show")
    show.add_argument(
        "model", metavar="MODEL", nargs="?", help="NAME, NAME@VERSION or draft; the live one otherwise"
    )
    edit = model.command("edit", "Store a changed model as a new version.", "models.model_edit")
    edit.add_argument("file", metavar="FILE", help="a model as `model show` prints it; - is standard input")
    edit.add_argument("--note", default="", metavar="TEXT")
    diff = model.command("diff", "What one version changes from another.", "models.model_diff")
    diff.add_argument("old", metavar="FROM", nargs="?", help="NAME@VERSION or live; the live one otherwise")
    diff.add_argument("new", metavar="TO", nargs="?", help="NAME@VERSION or draft; the draft otherwise")
    model.command("discard", "Drop the draft.", "models.model_discard")
    publish = model.command("publish", "Put a version live and rescore.", "models.model_publish")
    publish.add_argument(
        "model", metavar="MODEL", nargs="?", help="NAME or NAME@VERSION; the draft otherwise"
    )
    publish.add_argument("--note", default="", metavar="TEXT", help="why")
    back = model.command("rollback", "Put an earlier version live again.", "models.model_rollback")
    back.add_argument("model", metavar="MODEL", nargs="?", help="NAME@VERSION; the one live before otherwise")
    learn = model.command("learn", "Weights as past outcomes suggest them, as a proposal.", "models.learn")
    learn.add_argument("--days", type=count, metavar="N", help="outcomes of so many days; 365")
    learn.add_argument("--draft", action="store_true", help="keep the proposal as the draft")
    health = model.command("health", "Whether the live model still does its work.", "model_health.health")
    health.add_argument("--days", type=count, metavar="N", help="outcomes of so many days; 365")
    reject = model.command(
        "rejections",
        "Why leads were turned away, and the rules that would have spared them.",
        "model_health.rejected",
    )
    reject.add_argument("--days", type=count, metavar="N", help="leads of so many days; 365")
    reject.add_argument(
        "--draft", metavar="REASON", help="put the rule proposed for this reason into the draft"
    )
    guard = model.command("guard", "The leads that an exclusion hides.", "model_health.guard")
    guard.add_argument(
        "rule", metavar="RULE", nargs="?", help="its key; all rules with their counts otherwise"
    )
    replay = model.command(
        "replay", "What a model would have said on a past day, against what came.", "models.replay"
    )
    replay.add_argument("model", metavar="MODEL", nargs="?", help="NAME@VERSION, live or draft")
    replay.add_argument(
        "--against", metavar="MODEL", help="hold it against this one (live, NAME@VERSION) over past weeks"
    )
    replay.add_argument("--days", type=count, metavar="N", help="with --against: how far back; 90")
    replay.add_argument("--within", type=count, metavar="DAYS", help="won by then counts, else lost")
    replay.add_argument("--cut", type=number, metavar="N")

    trace = top.command("trace", "The way of a person through every system.", "tracing.trace")
    trace.add_argument("email", metavar="EMAIL", nargs="?")
    trace.add_argument("--stored", action="store_true", help="do not ask the connected systems")
    trace.add_argument("--recent", type=count, metavar="N", help="where the newest N leads stand")
    page = top.command(
        "queue-page", "Where systems show their queue or log, linked from a lead's way.", "tracing.queue_page"
    )
    page.add_argument("system", metavar="SYSTEM", nargs="?", help="list all, where none is named")
    page.add_argument("url", metavar="URL", nargs="?", help="{email} and {id} are filled in")
    page.add_argument("--none", action="store_true", help="take the link of SYSTEM away")
    probe = top.command(
        "test-lead", "Send a test lead through every system and follow it.", "tracing.test_lead"
    )
    probe.add_argument(
        "--to", metavar="URL", help="a running intake, such as http://127.0.0.1:8620; else this one"
    )
    probe.add_argument("--wait", type=number, default=60.0, metavar="S", help="how long to follow it; 60")
    probe.add_argument(
        "--interaction", default="Hand Raise PQL", metavar="TEXT", help="its product_interaction"
    )


def _event_rule(one: Parser) -> None:
    """The options that say a rule."""
    one.add_argument("pattern", metavar="NAME", help="the event's name in any case; * stands for any letters")
    one.add_argument(
        "kind", metavar="KIND", help="login, feature_activated, ..., a kind of your own, or ignore"
    )
    one.add_argument("--source", default="*", metavar="NAME", help="only events of that source")
    one.add_argument(
        "--when", action="append", default=[], metavar="CONDITION",
        help="plan=pro, plan!=free, name~sso, seats>=5, seats<=5, plan (is there) or !plan; all must hold",
    )  # fmt: skip
    one.add_argument("--key-from", metavar="PATH", help="the property that is the key")
    one.add_argument("--quantity-from", metavar="PATH", help="the property that is the quantity")
    one.add_argument("--plan-from", metavar="PATH", help="the property that is the person's plan")
    one.add_argument(
        "--trial", action="append", default=[], type=pair, metavar="FIELD=PATH",
        help="starts_at, ends_at, plan, state or converted_at of a trial; state==expired for a fixed word",
    )  # fmt: skip
    one.add_argument("--first", action="store_true", help="ask it before the others")
    one.add_argument("--instead-of", metavar="RULE", help="it takes the place of that rule")


def setup_commands(top: Parser) -> None:
    """connect, mapping, intake, connections, sync, doctor, settings, sample, backup, restore, demo, sandbox."""
    connect = top.command("connect", "Connect another system.", "connections.connect")
    connect.add_argument("system", metavar="SYSTEM")
    connect.add_argument("--url", metavar="URL", help="the server's root")
    connect.add_argument("--token-env", metavar="NAME", help="environment variable that holds the token")
    connect.add_argument(
        "--secret-env",
        action="append",
        default=[],
        type=pair,
        metavar="FIELD=NAME",
        help="the same for a secret of another name",
    )
    connect.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="rate, or what a field is mapped to"
    )
    connect.add_argument(
        "--default-owner", metavar="EMAIL", help="gets deals and tasks when nobody else is named"
    )
    connect.add_argument("--create-fields", action="store_true", help="make the fields the CRM lacks")
    connect.add_argument(
        "--sign-in", action="store_true", help="with a browser, instead of a key (Salesforce, HubSpot)"
    )
    connect.add_argument(
        "--no-browser", action="store_true", help="print the page's address, and read back where it led"
    )
    gone = top.command("disconnect", "Take a connection away, with its secrets.", "connections.disconnect")
    gone.add_argument("system", metavar="SYSTEM")
    mapping = top.command("mapping", "What is mapped to what, as a file.")
    export = mapping.command("export", "Write a connection's mapping into a file.", "mapping.mapping_export")
    export.add_argument("system", metavar="SYSTEM")
    export.add_argument("file", metavar="FILE")
    taking = mapping.command("import", "Map as a file says, all or nothing.", "mapping.mapping_import")
    taking.add_argument("system", metavar="SYSTEM")
    taking.add_argument("file", metavar="FILE")
    taking.add_argument("--dry-run", action="store_true", help="show what would change, store nothing")
    shown = mapping.command("show", "Everything of ours, and what it is mapped to.", "mapping.mapping_show")
    shown.add_argument("system", metavar="SYSTEM")
    chosen = mapping.command("set", "Map one or several names.", "mapping.mapping_set")
    chosen.add_argument("system", metavar="SYSTEM")
    chosen.add_argument(
        "names",
        metavar="NAME=THEIRS",
        nargs="*",
        type=pair,
        help="person.pql_score=lead_score; person.x= leaves out",
    )
    chosen.add_argument(
        "--by-name",
        action="append",
        default=[],
        metavar="NAME",
        help="take the choice back: go by the equal name",
    )
    chosen.add_argument("--proposed", action="store_true", help="take what mapping show proposes")
    intake = top.command("intake", "Receive leads and usage from other systems.")
    serve = intake.command("serve", "Listen until told to stop.", "intake.serve")
    serve.add_argument("--port", type=port, default=8620, metavar="P", help="0 picks one")
    serve.add_argument(
        "--host", default="127.0.0.1", metavar="HOST", help="this computer only, unless another is named"
    )
    serve.add_argument(
        "--allow-anonymous",
        action="store_true",
        help="take requests that bring no key; wrong keys are refused",
    )
    top.command("connections", "Connected systems and how they are.", "connections.listed")
    conflicts = top.command("conflicts", "Values that PQLDesk and a CRM both changed.")
    listed = conflicts.command("list", "What waits for a decision.", "conflicts.conflicts_list")
    listed.add_argument("--decided", action="store_true", help="what a rule or a person has decided instead")
    listed.add_argument("--system", metavar="SYSTEM", help="only of this CRM")
    listed.add_argument("--field", metavar="FIELD", help="only this field, such as person.job_title")
    listed.add_argument("--lead", metavar="LEAD", help="only of this lead")
    resolve = conflicts.command(
        "resolve", "Decide conflicts, one, some or all.", "conflicts.conflicts_resolve"
    )
    resolve.add_argument("items", metavar="CONFLICT", nargs="*")
    whose = resolve.add_mutually_exclusive_group(required=True)
    whose.add_argument("--mine", dest="decision", action="store_const", const="mine", help="ours goes there")
    whose.add_argument(
        "--theirs", dest="decision", action="store_const", const="theirs", help="theirs comes here"
    )
    whose.add_argument("--value", metavar="TEXT", help="another value for both sides; of one conflict")
    resolve.add_argument(
        "--all", action="store_true", help="every open one, as --system and --field leave it"
    )
    resolve.add_argument("--system", metavar="SYSTEM", help="with --all: only of this CRM")
    resolve.add_argument("--field", metavar="FIELD", help="with --all: only this field")
    masters = conflicts.command("masters", "Which side is master of which field.", "conflicts.masters_list")
    masters.add_argument("--system", metavar="SYSTEM", help="only of this CRM")
    master = conflicts.command("master", "Choose who is master of a field.", "conflicts.master_set")
    master.add_argument("system", metavar="SYSTEM")
    master.add_argument("field", metavar="FIELD", help="such as person.job_title")
    master.add_argument("master", metavar="MASTER", help="pqldesk, crm, both; default takes the choice back")
    master.add_argument("--phase", metavar="PHASE", help="free, claimed or sales; all three otherwise")

    sync = top.command("sync", "Pull connected sources.", "syncing.sync")
    sync.add_argument("sources", metavar="SOURCE", nargs="*", help="all of them where none is named")
    sync.add_argument("--watch", action="store_true", help="go on, and pull whatever falls due")
    sync.add_argument("--status", action="store_true", help="only say how each source is")
    sync.add_argument("--cancel", action="store_true", help="stop the pull under way, in whatever process")
    sync.add_argument(
        "--from-start", action="store_true", help="pull all there is; what is here is not doubled"
    )
    checks = top.command("doctor", "Check the workspace and every connection.", "admin.doctor")
    checks.add_argument(
        "--bundle", metavar="FILE.zip", help="and write what a helper has to know, without leads and secrets"
    )

    settings = top.command("settings", "Settings of the workspace.")
    settings.command("list", "All settings.", "admin.settings_list")
    settings.command("get", "One setting.", "admin.settings_get").add_argument("key", metavar="KEY")
    store = settings.command("set", "Change a setting.", "admin.settings_set")
    store.add_argument("key", metavar="KEY")
    store.add_argument("value", metavar="VALUE", nargs="?", default="", help="none: back to the default")

    backup = top.command("backup", "Copy the workspace while it is in use.", "admin.backup")
    backup.add_argument("file", metavar="FILE")
    restore = top.command("restore", "Put a backup in the place of the workspace.", "admin.restore")
    restore.add_argument(
        "file", metavar="FILE", nargs="?", help="the newest daily backup where none is named"
    )

    erase = top.command("erase", "Remove a person from everything, for good.", "erasing.erase")
    erase.add_argument("email", metavar="EMAIL", help="or a lead id, or namespace:value")
    erase.add_argument("--dry-run", action="store_true", help="show what there is of them, remove nothing")
    erase.add_argument("--lift", action="store_true", help="let somebody who was erased be stored again")

    opening = top.command("open", "Open the window on a workspace file.", "window.open_file")
    opening.add_argument("file", metavar="FILE", nargs="?", help="default: your own")
    desktop = top.command("desktop", "PQLDesk in the menu of the desktop.")
    desktop.command("install", "Put it there, with its icon and file type.", "desktop.desktop_install")
    desktop.command("remove", "Take it out.", "desktop.desktop_remove")
    shell = top.command("completion", "The script that completes commands in a shell.", "desktop.completion")
    shell.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish", "powershell"))

    sample = top.command("sample", "The sample data.")
    sample.command("remove", "Remove the sample and all that hangs on it.", "demo.sample_remove")
    demo = top.command("demo", "A fresh sample workspace with a local CRM, then the window.", "demo.demo")
    demo.add_argument(
        "--headless", metavar="DIR", help="print and write pictures instead of opening a window"
    )
    demo.add_argument(
        "--pages", action="store_true", help="of the pictures only the pages, once and in light"
    )
    sandbox = top.command("sandbox", "A local double of another system.", "sandbox.sandbox")
    sandbox.add_argument("system", metavar="CRM")
    sandbox.add_argument("rest", metavar="OPTION", nargs="...", help="--port and the double's own options")
