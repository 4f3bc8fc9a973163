"""What to say when the operating system does not let a file be read or written."""

import errno
from pathlib import Path

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _

_REMEDIES = {
    errno.ENOSPC: _("Free some space, or choose another place."),
    errno.EDQUOT: _("Free some space, or choose another place."),
    errno.EISDIR: _("Name a file in it."),
    errno.ENOENT: _("Make its folder first, or choose another place."),
}


def unwritable(path: Path, refused: OSError) -> BadInput:
    """The sentence for a file that cannot be written."""
    return BadInput(
        _("{path} cannot be written: {strerror}.").format(path=path, strerror=refused.strerror or refused),
        _REMEDIES.get(refused.errno or 0, _("Ask for write access, or choose another place.")),
    )


def unreadable(path: Path, refused: Exception) -> BadInput:
    """The sentence for a file that cannot be read."""
    if isinstance(refused, FileNotFoundError):
        return BadInput(_("There is no file {path}.").format(path=path), _("Check the name and the folder."))
    reason = getattr(refused, "strerror", None) or str(refused)
    return BadInput(
        _("{path} cannot be read: {reason}.").format(path=path, reason=reason),
        _("Check the name and whether you may read the file."),
    )
