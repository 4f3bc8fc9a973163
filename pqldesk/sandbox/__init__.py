"""Local doubles of outside systems for demo and tests. Speaks only HTTP.

Started as a child process: ``python -m pqldesk.sandbox attio --port 0``. The first line on standard output is
``{"listening":"http://127.0.0.1:PORT"}``; SIGTERM ends it with exit code 0.
"""

SANDBOXES = {
    "attio": "pqldesk.sandbox.attio",
    "salesforce": "pqldesk.sandbox.salesforce",
    "hubspot": "pqldesk.sandbox.hubspot",
    "twenty": "pqldesk.sandbox.twenty",
    "marketo": "pqldesk.sandbox.marketo",
    "workato": "pqldesk.sandbox.workato",
    "relay": "pqldesk.sandbox.workato",
    "posthog": "pqldesk.sandbox.posthog",
    "portal": "pqldesk.sandbox.portal",
    "stripe": "pqldesk.sandbox.stripe",
    "mixpanel": "pqldesk.sandbox.mixpanel",
    "amplitude": "pqldesk.sandbox.amplitude",
    "gitlab": "pqldesk.sandbox.gitlab",
}
"""Name on the command line -> module offering ``add_options(parser)`` and ``build(options) -> Double``."""
