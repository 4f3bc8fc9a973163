"""The queue's statements as text: read through SQLAlchemy's connection and, for the first frame, through sqlite3 alone.

Only the standard library, because the first frame is painted before SQLAlchemy is loaded.
"""

OPEN = "is_open = 1"
BEST_FIRST = "score DESC, active_order DESC, id"
WORST_FIRST = "score, active_order, id DESC"


_TRIAL = (
    "(SELECT {a}.id FROM trial {a} WHERE {a}.{key} = {of} AND ({a}.starts_at IS NULL OR {a}.starts_at <= ?)"
    " ORDER BY {a}.starts_at IS NULL, {a}.starts_at DESC, {a}.id DESC LIMIT 1)"
)


def shown_trial(lead: str) -> str:
    """The id of the trial a lead shows: its own, else its company's, the latest begun by then. Placeholders: at, at."""
    own = _TRIAL.format(a="o", key="lead_id", of=f"{lead}.id")
    return f"coalesce({own}, {_TRIAL.format(a='c', key='company_id', of=f'{lead}.company_id')})"


_LEAD = (
    "id, name, email, company_name, domain, score, qualified, qualified_at, signals, activation, milestones, owner,"
    " state, last_active_at, source, placement, respond_by, fit, hand_raised_at, sample,"
    " plan, job_title, country, region, signed_up_at, created_at"
)
_TRIAL_SHOWN = (
    "plan, starts_at, ends_at, ends_date_only, first_ends_at, source_state, converted_at, closed_at"
)

# No text from outside. Placeholders: moved since, at, at; then the ids.
_MOVED = '(SELECT sum(e."new" - e."old") FROM score_event e WHERE e.lead_id = l.id AND e.at > ?)'
_COLUMNS = ", ".join(
    [
        *(f"l.{name.strip()}" for name in _LEAD.split(",")),
        _MOVED,
        "t.id",
        *(f"t.{name.strip()}" for name in _TRIAL_SHOWN.split(",")),
    ]
)
_ROWS = f"SELECT {_COLUMNS} FROM lead l LEFT JOIN trial t ON t.id = {shown_trial('l')} WHERE l.id IN "  # noqa: S608

LIVE_SPEC = "SELECT spec FROM scoring_model_version WHERE live"
SETTINGS = "SELECT key, value FROM setting WHERE key IN ('timezone', 'milestones', 'rep')"


# SQLite alone keeps these counts: models/lead_counts.py.
COUNTED_LEADS = "SELECT sum(n * is_open), sum(n * is_open * (1 - owned)), sum(n * is_listed) FROM lead_count"

# The sample's imports: few rows, where a search for marked companies would read all of them.
HAS_SAMPLE = "SELECT 1 FROM batch WHERE source = 'sample' AND undone_at IS NULL LIMIT 1"


def rows_of(count: int) -> str:
    """The statement that reads *count* rows by their ids, in no order."""
    return f"{_ROWS}({','.join('?' * count)})"
