"""What the window shows of a view: its order, its groups with counts, the rep's own arrangement of tabs."""

import pytest
from sqlalchemy import select

from pqldesk.models.people import Lead
from pqldesk.services.queue import queue
from pqldesk.services.queue.saved_views import save_view
from pqldesk.services.queue.view_layouts import keep_columns, pin_view, place_views
from pqldesk.services.queue.view_orders import count_leads, filter_choices, view_order
from pqldesk.services.view_spec import ViewSpec
from tests.services.test_filters import KIM, LEE, NOW, furnish

WORTH = {
    "band": lambda lead: next(
        n for n, least in enumerate((8_000, 6_000, 4_000, -(10**9))) if lead.score >= least
    ),
    "owner": lambda lead: lead.owner,
    "source": lambda lead: lead.source,
    "company": lambda lead: (lead.company_name, lead.company_id),
}


@pytest.mark.both_databases
@pytest.mark.parametrize("group", list(WORTH))
def test_groups_hold_together_and_count_their_leads(write, workspace, group):
    write(furnish)

    def read(session):
        plain = view_order(session, ViewSpec("all", "score >= 10"), "", KIM, NOW)
        grouped = view_order(session, ViewSpec("all", "score >= 10", group=group), "", KIM, NOW)
        return plain, grouped, {lead.id: WORTH[group](lead) for lead in session.scalars(select(Lead))}

    plain, grouped, worth = workspace.db.read(read).result()
    groups, at = [], -1
    for number in grouped.ids:
        if number < 0:
            at += 1
            assert number == -(at + 1)
            groups.append([])
        else:
            groups[at].append(number)
    assert [len(members) for members in groups] == list(grouped.counts)
    assert all(len({worth[one] for one in members}) == 1 for members in groups)
    assert len({worth[members[0]] for members in groups}) == len(groups) > 1
    assert sorted(one for members in groups for one in members) == sorted(plain.ids)
    place = {one: n for n, one in enumerate(plain.ids)}
    assert all(members == sorted(members, key=place.__getitem__) for members in groups)
    assert grouped.leads == plain.leads == workspace.db.read(
        count_leads, ViewSpec("all", "score >= 10"), "", KIM, NOW
    ).result()  # fmt: skip


def test_groups_without_a_value_come_last_and_bands_begin_with_the_best(write, workspace):
    write(furnish)
    for group, column in (("band", Lead.score), ("owner", Lead.owner)):
        order = workspace.db.read(view_order, ViewSpec("all", group=group), "", KIM, NOW).result()
        firsts = [order.ids[n + 1] for n, one in enumerate(order.ids) if one < 0]
        values = workspace.db.read(
            lambda session, firsts=firsts, column=column: [
                session.scalar(select(column).where(Lead.id == one)) for one in firsts
            ]
        ).result()
        if group == "band":
            assert values == sorted(values, reverse=True)
        else:
            assert values == [KIM, LEE, None]


def test_a_search_in_a_grouped_view_is_a_plain_list(write, workspace):
    write(furnish)
    order = workspace.db.read(view_order, ViewSpec("all", group="owner"), "ada", KIM, NOW).result()
    assert len(order.counts) == 0
    assert order.leads > 0


@pytest.mark.both_databases
def test_choices_are_what_leads_have_the_most_frequent_first(write, workspace):
    write(furnish)
    (first, *rest) = workspace.db.read(filter_choices, "owner", KIM, NOW).result().values
    assert {first[0], *(key for key, _label in rest)} == {KIM, LEE}
    signals = workspace.db.read(filter_choices, "signal", KIM, NOW).result().values
    assert signals[0] == ("logins", "Logins (7d)")
    assert workspace.db.read(filter_choices, "score", KIM, NOW).result().values == ()


@pytest.mark.both_databases
def test_each_rep_arranges_the_tabs_and_columns_for_themselves(write, workspace):
    write(save_view, "Beta", {"filter": "pql", "columns": [["score", 0]]}, KIM, NOW)
    write(place_views, ["beta", "mine", "open"], KIM)
    write(pin_view, "all", False, KIM)
    write(keep_columns, "beta", (("person", 220), ("plan", 0)), KIM)

    def seen(rep):
        return workspace.db.read(queue.queue_views, rep, NOW).result()

    kims, lees = seen(KIM), seen(LEE)
    assert [view.key for view in kims][:2] == ["beta", "mine"]
    assert kims[0].spec.columns == (("person", 220), ("plan", 0))
    assert [view.key for view in kims if not view.pinned] == ["all"]
    assert next(view.key for view in lees) == "open"
    assert lees[-1].spec.columns == (("score", 0),)
    write(keep_columns, "beta", (), KIM)
    assert seen(KIM)[0].spec.columns == (("score", 0),)
