"""The commands of the daily work: the queue, the verbs on a lead, tasks, notes, handoffs and the outbox."""

from pqldesk.cli.parsing import Parser, count, moment, number
from pqldesk.services.view_spec import COLUMNS, GROUPS

KINDS = ("hand_raise", "trial", "signup", "contact", "cart_abandonment", "manual", "import")
DRAFT_FIELDS = (
    "email", "name", "first_name", "last_name", "company", "domain", "job_title", "phone", "country", "plan",
    "glm_source", "glm_content", "product_interaction", "comment",
)  # fmt: skip


def queue_commands(top: Parser) -> None:
    """score, queue, show, view, suggestions, placement, accounts, trials, trial."""
    score = top.command("score", "Bring scores up to date, or explain one.", "scores.score")
    score.add_argument("--full", action="store_true", help="rescore every lead, not only those that are due")
    score.add_argument("--explain", metavar="LEAD", help="print the arithmetic of one lead")

    queue = top.command("queue", "The ranked queue.", "queue.queue")
    queue.add_argument(
        "--view", default="open", metavar="NAME", help="open, unclaimed, hand-raises, mine, ..."
    )
    filters(queue)
    queue.add_argument("--limit", type=count, default=100, metavar="N", help="rows at most; 0 is no limit")

    show = top.command("show", "Everything on one lead.", "queue.show")
    show.add_argument("lead", metavar="LEAD", help="a lead id, an e-mail or namespace:value")

    view = top.command("view", "Views of the queue.")
    view.command("list", "Built-in and saved views with their counts.", "queue.view_list")
    save = view.command("save", "Save a view under a name.", "queue.view_save")
    save.add_argument("name", metavar="NAME")
    save.add_argument("--view", default="open", metavar="NAME", help="the view it narrows")
    filters(save)
    save.add_argument("--columns", metavar="NAMES", help=f"in order, with commas: {', '.join(COLUMNS)}")
    save.add_argument("--group", choices=GROUPS, help="group the rows in the window")
    save.add_argument("--private", action="store_true", help="only for you")
    rename = view.command("rename", "Call a saved view something else.", "queue.view_rename")
    rename.add_argument("name", metavar="NAME")
    rename.add_argument("label", metavar="LABEL")
    view.command("delete", "Forget a saved view.", "queue.view_delete").add_argument("name", metavar="NAME")

    suggestions = top.command("suggestions", "Leads that may be one person.")
    suggestions.command("list", "Open suggestions with their reasons.", "work.suggestions_list")
    for verb, what in (
        ("show", "Compare the two leads field by field."),
        ("accept", "Merge the two leads."),
        ("reject", "Keep them apart for good."),
    ):
        suggestions.command(verb, what, f"work.suggestions_{verb}").add_argument(
            "suggestion", metavar="SUGGESTION"
        )

    placement = top.command("placement", "Where hand-raise buttons stand.")
    placement.command("list", "Registered and unknown glm_content values.", "work.placement_list")
    placement.command("reports", "What pages report of their buttons.", "work.placement_reports")
    snippet = placement.command(
        "snippet", "The lines that put the button on a page.", "work.placement_snippet"
    )
    snippet.add_argument("glm_content", metavar="GLM_CONTENT")
    snippet.add_argument("--url", help="where pages reach the intake; else the button's public_url")
    add = placement.command("add", "Register a glm_content value.", "work.placement_add")
    add.add_argument("glm_content", metavar="GLM_CONTENT", nargs="?")
    add.add_argument(
        "--examples", action="store_true", help="the six values of a well-known product, to start from"
    )
    add.add_argument("--note", default="", metavar="TEXT")
    add.add_argument("--place", metavar="TEXT", help="the page or screen")

    top.command("accounts", "Companies with their people, trial and best score.", "figures.accounts")
    company = top.command("company", "One account.")
    for verb, what, more in (
        ("show", "Its people, what each gives to its score, trials and writes.", ()),
        ("rename", "Give it another name.", ("name",)),
        ("merge", "Make another account part of it; undo parts them again.", ("other",)),
    ):
        one = company.command(verb, what, f"figures.company_{verb}")
        one.add_argument("company", metavar="COMPANY", help="an id, a domain or the exact name")
        for name in more:
            one.add_argument(name, metavar=name.upper())
    trials = top.command("trials", "Trials, the most urgent first.", "figures.trials")
    trials.add_argument("--state", choices=("active", "extended", "converted", "expired", "lost"))
    trial = top.command("trial", "Work on one trial.")
    extend = trial.command("extend", "Move the end of a trial.", "work.trial_extend")
    extend.add_argument("trial", metavar="TRIAL")
    extend.add_argument("--days", type=count, metavar="N", required=True, help="days to add")
    extend.add_argument("--reason", default="", metavar="TEXT")
    close = trial.command("close", "Close a trial as lost.", "work.trial_close")
    close.add_argument("trial", metavar="TRIAL")
    close.add_argument("--reason", default="", metavar="TEXT")


def filters(parser: Parser) -> None:
    """The options that narrow and order the queue."""
    parser.add_argument(
        "--filter", metavar="TEXT", help="such as 'score >= 60 and owner is nobody'; see docs/filters.md"
    )
    parser.add_argument("--sort", metavar="KEY", help="score, name, company, ...; 'KEY desc' runs down")
    parser.add_argument("--min-score", type=number, metavar="N")
    parser.add_argument("--owner", metavar="EMAIL", help="an owner's e-mail, or nobody")
    parser.add_argument("--state", metavar="STATE")
    parser.add_argument("--source", metavar="NAME")
    parser.add_argument("--placement", metavar="GLM_CONTENT")
    parser.add_argument("--search", metavar="TEXT", default="", help="in name, e-mail, company and domain")


def lead_commands(top: Parser) -> None:
    """The rep's verbs."""
    lead = top.command("lead", "Add a lead, or do something with one.")
    add = lead.command("add", "Enter a lead by hand.", "leads.add")
    for name in DRAFT_FIELDS:
        add.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT")
    add.add_argument(
        "--kind", choices=KINDS, default="manual", help="what arrived; hand_raise qualifies at once"
    )

    merge = lead.command("merge", "Make two leads one; can be undone at any time.", "leads.merge")
    merge.add_argument("lead", metavar="LEAD", help="the one that stays")
    merge.add_argument("other", metavar="OTHER")
    merge.add_argument("--reason", default="", metavar="TEXT")
    _on_lead(lead, "unmerge", "Take the last merge of a lead apart.")
    part = _on_lead(lead, "part", "Give one id of a lead a lead of its own; undo takes that back.")
    part.add_argument("key", metavar="NAMESPACE:VALUE", help="one that show lists, such as stripe:cus_1")
    part.add_argument("--dry-run", action="store_true", help="only say what goes with it")
    _on_leads(lead, "claim", "Make leads yours until the lease ends.")
    _on_lead(lead, "renew", "Keep your claim for another lease.")
    _on_lead(lead, "company", "Move the lead to another company.").add_argument(
        "company", metavar="COMPANY", help="an id, a domain or a name; a new name makes a company"
    )
    _on_leads(lead, "release", "Give leads back to the pool.")
    assign = _on_leads(lead, "assign", "Give leads to somebody.")
    assign.add_argument("--to", metavar="EMAIL", required=True)
    for verb, what in (
        ("snooze", "Put the lead away until a time."),
        ("nurture", "Leave the lead to marketing until a time."),
    ):
        sleep = _on_leads(lead, verb, what)
        when = sleep.add_mutually_exclusive_group(required=True)
        when.add_argument("--until", type=moment, metavar="T")
        when.add_argument("--days", type=count, metavar="N")
        sleep.add_argument("--reason", default="", metavar="TEXT")
    _on_leads(lead, "disqualify", "Take leads out, with the reason.").add_argument(
        "--reason", metavar="TEXT", required=True
    )
    _on_leads(lead, "reopen", "Bring closed or sleeping leads back.")
    won = _on_lead(lead, "won", "The lead became a customer.")
    won.add_argument("--value", type=number, metavar="N", help="value of the deal")
    _on_lead(lead, "lost", "The lead will not buy.").add_argument("--reason", default="", metavar="TEXT")


def _on_leads(lead: Parser, verb: str, what: str) -> Parser:
    parser = lead.command(verb, what, f"leads.{verb}")
    parser.add_argument("leads", metavar="LEAD", nargs="*", help="lead ids, e-mails or namespace:value")
    narrows = parser.add_argument_group("instead of naming leads")
    narrows.add_argument("--view", metavar="NAME", help="every lead of a view")
    narrows.add_argument("--filter", metavar="TEXT", help="every open lead that a filter lets through")
    return parser


def _on_lead(lead: Parser, verb: str, what: str) -> Parser:
    parser = lead.command(verb, what, f"leads.{verb}")
    parser.add_argument("lead", metavar="LEAD", help="a lead id, an e-mail or namespace:value")
    return parser


def work_commands(top: Parser) -> None:
    """task, note, handoff, playbook, outbox, undo, redo, history."""
    task = top.command("task", "Follow-ups.")
    add = task.command("add", "Add a follow-up.", "work.task_add")
    add.add_argument("lead", metavar="LEAD")
    add.add_argument("title", metavar="TITLE", nargs="?")
    add.add_argument("--title", dest="title_option", metavar="TEXT")
    add.add_argument("--due", type=moment, metavar="T", help="default: the next working day at 10:00")
    add.add_argument("--assignee", metavar="EMAIL")
    task.command("done", "Finish a follow-up.", "work.task_done").add_argument("task", metavar="TASK")
    snooze = task.command("snooze", "Put a follow-up off.", "work.task_snooze")
    snooze.add_argument("task", metavar="TASK")
    until = snooze.add_mutually_exclusive_group(required=True)
    until.add_argument("--until", type=moment, metavar="T")
    until.add_argument("--days", type=count, metavar="N")
    again = task.command("reschedule", "Give a follow-up another time.", "work.task_reschedule")
    again.add_argument("task", metavar="TASK")
    again.add_argument("--due", type=moment, metavar="T", required=True)
    listing = task.command("list", "Follow-ups, the most urgent first.", "work.task_list")
    listing.add_argument("--all", action="store_true", help="finished ones too")
    listing.add_argument("--lead", metavar="LEAD")
    listing.add_argument("--mine", action="store_true", help="only yours")
    listing.add_argument("--overdue", action="store_true", help="only those whose time has passed")

    note = top.command("note", "Notes.").command("add", "Keep a text on a lead.", "work.note_add")
    note.add_argument("lead", metavar="LEAD")
    note.add_argument("text", metavar="TEXT", nargs="?")
    note.add_argument("--text", dest="text_option", metavar="TEXT")
    note.add_argument("--title", dest="title_option", metavar="TEXT")

    handoff = top.command(
        "handoff", "Hand a lead over to sales: deal, task and note in the CRM.", "crm.handoff"
    )
    handoff.add_argument("lead", metavar="LEAD")
    handoff.add_argument("--deal-value", type=number, metavar="N", help="nothing is converted")
    handoff.add_argument("--currency", metavar="ISO", help="default: the setting `currency`")
    handoff.add_argument("--deal-name", metavar="TEXT", help="default: Enterprise Upgrade - COMPANY")
    handoff.add_argument("--stage", metavar="S", help="default: Sales Qualified")
    handoff.add_argument(
        "--assign", metavar="EMAIL", help="who gets deal and task; default: the lead's owner"
    )
    handoff.add_argument("--note", metavar="TEXT", help="instead of the note made of facts")
    handoff.add_argument("--task", dest="task_text", metavar="TEXT", help="what the task asks for")
    handoff.add_argument("--due", type=moment, metavar="T", help="when the task is due")
    handoff.add_argument("--system", metavar="CRM", help="default: the one connected first")
    handoff.add_argument("--again", action="store_true", help="although it was handed off before")
    handoff.add_argument("--dry-run", action="store_true", help="show what would be written")
    handoff.add_argument(
        "--live", action="store_true", help="with --dry-run: ask the CRM, field by field, before and after"
    )
    drafts = handoff.add_mutually_exclusive_group()
    drafts.add_argument("--save-draft", action="store_true", help="keep it for later; nothing is queued")
    drafts.add_argument("--from-draft", action="store_true", help="go on with what was kept")
    drafts.add_argument("--drop-draft", action="store_true", help="throw away what was kept")

    playbook = top.command("playbook", "Rules that write to the CRM by themselves.")
    playbook.command("list", "Playbooks and whether they are on.", "crm.playbook_list")
    for verb, what in (
        ("dry-run", "Show what the playbook would write."),
        ("approve", "Print the dry run and switch the playbook on."),
        ("off", "Switch the playbook off."),
    ):
        one = playbook.command(verb, what, f"crm.playbook_{verb.replace('-', '_')}")
        one.add_argument("name", metavar="NAME", choices=("signup", "qualification", "milestone", "handoff"))
        one.add_argument("--system", metavar="CRM", help="default: the one connected first")
        if verb == "dry-run":
            one.add_argument(
                "--live", action="store_true", help="ask the CRM: field by field, before and after"
            )
            one.add_argument("--lead", metavar="LEAD", help="this lead alone, with --live")
            one.add_argument(
                "--limit", type=count, default=200, metavar="N", help="leads to ask for, with --live"
            )
        if verb == "approve":
            one.add_argument(
                "--backfill", action="store_true", help="also leads that are past the cut already"
            )

    outbox = top.command("outbox", "Intended writes to other systems.")
    outbox.command("list", "What was written, waits or failed.", "outbox.items").add_argument(
        "--state", metavar="STATE"
    )
    run = outbox.command("run", "Deliver until nothing is due.", "outbox.run")
    run.add_argument("--once", action="store_true", help="do not wait for retries")
    run.add_argument("--max-wait", type=number, default=60, metavar="S", help="wait for retries due so soon")
    outbox.command("retry", "Make items due now.", "outbox.retry").add_argument(
        "items", metavar="ITEM", nargs="*"
    )
    outbox.command("hold", "Keep an item from going out.", "outbox.hold").add_argument("item", metavar="ITEM")
    outbox.command("cancel", "Give an item up.", "outbox.cancel").add_argument("item", metavar="ITEM")

    edit = outbox.command("edit", "Change what an item will write before it leaves.", "outbox.edit")
    edit.add_argument("item", metavar="ITEM")
    edit.add_argument("--set", action="append", metavar="FIELD=VALUE", default=[], help="may be repeated")
    assign = outbox.command(
        "assign", "Give the deal and the task of the item's handoff to somebody else.", "outbox.assign"
    )
    assign.add_argument("item", metavar="ITEM")
    assign.add_argument("--to", metavar="EMAIL", required=True, help="a member of the CRM")
    outbox.command("drafts", "Handoffs that were kept for later.", "outbox.drafts")

    inbox = top.command("notifications", "What the inbox tells you.")
    listed = inbox.command("list", "Unread notices, the newest first.", "inbox.notifications_list")
    listed.add_argument("--all", action="store_true", help="read ones too")
    read = inbox.command("read", "Mark notices read.", "inbox.notifications_read")
    read.add_argument("items", metavar="ITEM", nargs="*", help="all of them where none is named")
    put_off = inbox.command(
        "snooze", "Put notices off: unread again, and told again, from then on.", "inbox.notifications_snooze"
    )
    put_off.add_argument("items", metavar="ITEM", nargs="+")
    later = put_off.add_mutually_exclusive_group(required=True)
    later.add_argument("--until", type=moment, metavar="T")
    later.add_argument("--days", type=count, metavar="N")

    top.command("undo", "Take back your last action.", "work.undo_last")
    top.command("redo", "Do again what you took back.", "work.redo_last")
    history = top.command("history", "Who did what.", "work.history")
    history.add_argument("--lead", metavar="LEAD")
    history.add_argument("--limit", type=count, default=100, metavar="N")
