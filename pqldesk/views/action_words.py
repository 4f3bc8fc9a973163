"""What an action was about, in words: a few kinds are stored with names of ours and English between them."""

import re

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.settings.declarations import BY_KEY
from pqldesk.views import wording
from pqldesk.views.commands import COMMANDS
from pqldesk.views.keys import shown_keys
from pqldesk.views.setting_editors import value_words

_KEY = "key."


def detail_words(action: str, detail: str) -> str:
    """*detail* of an action of that name as people read it."""
    if action in ("undone", "redone"):  # what was, by its name of ours, and what that was about
        name, _space, rest = detail.partition(" ")
        return ", ".join(filter(None, (wording.plain(name), detail_words(name, rest))))
    if action == "setting_changed" and " = " in detail:
        key, _equals, value = detail.partition(" = ")
        return setting_words(key, value)
    if action == "handed_off" and (deal := re.fullmatch(r"(.*), to ([^,]+)", detail, re.DOTALL)):
        return _("{deal}, to {system}").format(deal=deal[1], system=deal[2])
    if action in ("playbook_approved", "playbook_off") and ", " in detail:
        name, _comma, system = detail.partition(", ")
        return f"{wording.plain(name)}, {system}"
    if action in ("notices_read", "notices_snoozed") and (count := re.match(r"[\d.,]+", detail)):
        return n_("{n} notice", "{n} notices", int(re.sub(r"\D", "", count[0])))
    return detail


def setting_words(key: str, value: str) -> str:
    """A setting and its value: “Claim lasts: 14 days”."""
    if key.startswith(_KEY):
        name = key.removeprefix(_KEY)
        label = next((one.label for one in COMMANDS if one.id == name), name)
        shown = shown_keys(value) or _("the usual key")
    else:
        declared = BY_KEY.get(key)
        label = declared.label if declared is not None else key.partition(".")[2] or key
        shown = value_words(key, value or (declared.default if declared is not None else "")) or wording.NONE
    return _("{label}: {value}").format(label=label, value=shown)
