"""Accounts, trials, activation, the funnel and the scoring model."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.models.ids import COMPANY, LEAD, TRIAL, row_number
from pqldesk.services import account_detail as account_details
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.clock import now
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.figure_rows import (
    AccountDetail,
    AccountRow,
    ActivationFigures,
    FunnelFigures,
    LeadRows,
    ListOrder,
    ModelShown,
    TrialRow,
)
from pqldesk.services.figures import account_order as account_lists
from pqldesk.services.figures import activation_now as activation_queries
from pqldesk.services.figures import activation_rows as activation_marks
from pqldesk.services.figures import funnel_marks
from pqldesk.services.figures import funnel_now as funnel_queries
from pqldesk.services.figures.funnel_ways import Asked
from pqldesk.services.figures.lead_rows import lead_rows
from pqldesk.services.modelling import shown as model_queries
from pqldesk.services.modelling import versions as model_versions
from pqldesk.services.trials import order as trial_lists
from pqldesk.services.trials import trials as trial_queries
from pqldesk.services.trials import work as trials_work
from pqldesk.services.window.kept_orders import LongList, add_keys, kept_order, order_at_hand

DAY_S = 86_400


_MADE_OF = frozenset({Topic.LEADS, Topic.USAGE, Topic.TRIALS, Topic.MODEL, Topic.SETTINGS})
_ACCOUNTS = LongList(
    "accounts",
    account_lists.account_ranking,
    account_lists.add_account_key,
    account_lists.check_order,
    _MADE_OF,
    account_lists.first_accounts,
    ("champion", "owner"),
)
_TRIALS = LongList(
    "trials",
    trial_lists.trial_ranking,
    trial_lists.add_trial_key,
    trial_lists.check_order,
    _MADE_OF,
    later=trial_lists.WORDS,
)


def account_order(session: Session, tab: str, by: str, descending: bool) -> ListOrder:
    return kept_order(session, _ACCOUNTS, now(), tab, by, descending=descending)


def account_order_at_hand(session: Session, tab: str, by: str, descending: bool) -> ListOrder | None:
    return order_at_hand(session, _ACCOUNTS, now(), tab, by, descending=descending)


def account_keys(session: Session) -> None:
    add_keys(session, _ACCOUNTS, now())


def account_rows(session: Session, ids: Sequence[int]) -> dict[int, AccountRow]:
    rows = account_lists.account_rows(session, now(), ids)
    return {row_number(COMPANY, row.company_id) or 0: row for row in rows}


def account_detail(session: Session, company_id: str) -> AccountDetail:
    return account_details.account_detail(session, company_id, now())


def trial_order(session: Session, tab: str, by: str, descending: bool) -> ListOrder:
    return kept_order(session, _TRIALS, now(), tab, by, descending=descending)


def trial_order_at_hand(session: Session, tab: str, by: str, descending: bool) -> ListOrder | None:
    return order_at_hand(session, _TRIALS, now(), tab, by, descending=descending)


def trial_keys(session: Session) -> None:
    add_keys(session, _TRIALS, now())


def trial_rows(session: Session, ids: Sequence[int]) -> dict[int, TrialRow]:
    rows = trial_queries.trials_of_ids(session, now(), ids)
    return {row_number(TRIAL, row.trial_id) or 0: row for row in rows}


def activation(session: Session) -> ActivationFigures:
    return activation_queries.activation_now(session, now())


def activation_rows(session: Session, mark: tuple[Any, ...]) -> LeadRows:
    return activation_marks.activation_rows(session, now(), mark)


def listed_leads(session: Session, lead_ids: Sequence[str]) -> LeadRows:
    """Leads that another process named, as rows; those that are gone meanwhile are left out."""
    return lead_rows(session, [number for one in lead_ids if (number := row_number(LEAD, one)) is not None])


def funnel(
    session: Session, weeks: int, source: str | None, rep: str | None, by: str = "source"
) -> FunnelFigures:
    return funnel_queries.funnel_now(session, Asked(now(), weeks, source, rep), by)


def funnel_rows(
    session: Session, mark: tuple[Any, ...], weeks: int, source: str | None, rep: str | None
) -> LeadRows:
    return funnel_marks.funnel_rows(session, Asked(now(), weeks, source, rep), mark)


def model_shown(session: Session) -> ModelShown:
    return model_queries.model_shown(session)


def extend_trial(session: Session, trial_id: str, until: datetime, reason: str, rep: str) -> Changes:
    trial = trials_work.trial_of(session, trial_id)
    if trial.ends_at is None:
        raise BadInput(
            _("The trial has no end that could be moved."), _("Set one in the system it comes from.")
        )
    days = ceil((until - trial.ends_at).total_seconds() / DAY_S)
    return trials_work.extend_trial(session, trial, days, reason, rep, now())


def close_trial(session: Session, trial_id: str, reason: str, rep: str) -> Changes:
    return trials_work.close_trial(session, trials_work.trial_of(session, trial_id), reason, rep, now())


def exclude_too(session: Session, rule: Mapping[str, Any], rep: str) -> Changes:
    """Add an exclusion to the draft, or to a new one."""
    return model_versions.exclude_too(session, rule, rep, now())


def save_model(session: Session, document: Mapping[str, Any], rep: str) -> Changes:
    return model_versions.save_draft(session, document, rep, now())


def discard_model(session: Session, rep: str) -> Changes:
    return model_versions.discard_draft(session, rep, now())
