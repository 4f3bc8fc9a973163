"""What texts are compared by where somebody looks for them: see pqldesk/models/letters.py."""

from pqldesk.models.letters import as_searched as as_searched
