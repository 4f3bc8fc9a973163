"""A customer portal: forms are passed on to the path they came on, with the portal's own admin token.

It knows no message by an id. What may have arrived is therefore looked for in its leads table, where that can be read
(``leads_sql``); elsewhere a person decides whether it is sent again.
"""

from typing import Any, Final

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.portal.answers import explain
from pqldesk.services.connectors.portal.leads_table import LeadsTable
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.connector import Connector, Opening, Way
from pqldesk.services.remote.crm import Account, FormStep, Ref
from pqldesk.services.remote.problems import Adoptable
from pqldesk.services.remote.rest import Rest

TITLE: Final = _("Customer portal")
ADMIN_EMAIL: Final = "gl_com_api@gitlab.com"  # what its sender names when nothing else is set
BUDGET: Final = (20.0, 20.0)
_CHECK: Final = "/api/v1/gitlab/namespaces/trials/trial_types"


class Portal(Connector):
    """A connected customer portal (services/remote/crm.py says what each call promises)."""

    title = TITLE

    def __init__(self, opening: Opening) -> None:
        """Secrets: token, and leads_sql, the address of its database for reading. Chosen: admin_email, rate, and
        ``leads.table``, ``leads.email`` and the like, where its table is called otherwise."""
        secrets, chosen = opening.secrets, opening.chosen
        headers = {
            "Accept": "application/json",
            "X-Admin-Email": chosen.get("admin_email", ADMIN_EMAIL),
            "X-Admin-Token": secrets["token"],
        }
        self._rest = Rest(opening.http, TITLE, opening.url, headers, explain, opening.budget(BUDGET))
        self.leads = LeadsTable.read(secrets.get("leads_sql"), chosen)
        self.ways = {FormStep: Way(self._pass_on, self._look_for, lambda step: step.again)}

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        """Forms go as they came."""

    async def account(self) -> Account:
        """Asks for the trial types, which changes nothing and needs the token."""
        await self._rest.read("GET", _CHECK)
        problem = None if self.leads is None else await self.leads.problem()
        return Account("", frozenset(), problem)

    async def catalogue(self) -> Catalogue:
        return Catalogue()

    async def _pass_on(self, step: FormStep) -> Ref:
        answer = await self._rest.write(step.method, step.path, body=step.body)
        return Ref(_id_in(answer), said=_("Accepted by {title}.").format(title=TITLE))

    async def _look_for(self, step: FormStep) -> Ref | None:
        if self.leads is None:
            raise Adoptable(
                _("{title} may have this form already: its answer was lost, and it cannot be asked.").format(
                    title=TITLE
                ),
                _("Look there; retry to send it once more, or cancel it."),
                remote_id="again",
            )
        found = await self.leads.since(step.email, step.body, step.received_at)
        return (
            Ref(found, said=_("Found in the leads table of {title}.").format(title=TITLE)) if found else None
        )


def _id_in(answer: Any) -> str:
    found = answer.get("id") if isinstance(answer, dict) else None
    return "" if found is None else str(found)
