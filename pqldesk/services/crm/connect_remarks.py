"""What else there is to do after a system was connected, in the words that its own admin looks for."""

from collections.abc import Mapping

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _

PORTAL_URL, ADMIN_TOKEN = "CUSTOMER_PORTAL_URL", "SUBSCRIPTION_PORTAL_ADMIN_TOKEN"


def refuse_misplaced(system: str, chosen: Mapping[str, str]) -> None:
    """BadInput for GitLab's own variables among the settings of its connection: they belong into GitLab."""
    for name in (PORTAL_URL, ADMIN_TOKEN):
        if system == "gitlab" and name in chosen:
            raise BadInput(
                _("{name} is a variable of GitLab itself, no setting of this connection.").format(name=name),
                _(
                    "Set it in GitLab: CUSTOMER_PORTAL_URL to the address of the intake, "
                    "SUBSCRIPTION_PORTAL_ADMIN_TOKEN to the key. The portal behind is connected with: "
                    "pqldesk connect portal --url URL."
                ),
            )


def remarks(system: str, environment: Mapping[str, str], has_portal: bool) -> tuple[str, ...]:
    """Sentences for people after *system* was connected; none where nothing is left to do."""
    if system != "gitlab":
        return ()
    told = [
        _(
            "In GitLab, set CUSTOMER_PORTAL_URL to the address of the intake, such as "
            "http://127.0.0.1:8620 (pqldesk intake serve says it), and SUBSCRIPTION_PORTAL_ADMIN_TOKEN to the key."
        )
    ]
    behind = environment.get(PORTAL_URL, "")
    if behind and not has_portal:
        told.append(
            _(
                "CUSTOMER_PORTAL_URL is {url} here. Where that is the customer portal, forms are passed on to it "
                "after: pqldesk connect portal --token-env SUBSCRIPTION_PORTAL_ADMIN_TOKEN"
            ).format(url=behind)
        )
    return tuple(told)
