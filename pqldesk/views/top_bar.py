"""What stands over every page: the search, and the buttons that bring people in."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views.keys import Keys
from pqldesk.views.page import Context
from pqldesk.views.parts import Button, sized
from pqldesk.views.search_field import SearchField
from pqldesk.views.theme import TOP_H
from pqldesk.views.window_sheets import WindowSheets


class TopBar(QWidget):
    """Holds the search and opens the sheets of its buttons; without imports on the desk there is no such button."""

    def __init__(self, context: Context, keys: Keys, sheets: WindowSheets) -> None:
        super().__init__()
        self.setObjectName("topbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        sized(self, context.theme, height=TOP_H)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(12)
        self.search = SearchField(context, keys.first("palette"))
        row.addWidget(self.search, 1)
        row.addStretch(1)
        if context.desk.preview_import is not None:
            self.import_button = Button(context.paints, _("Import…"), partial(keys.first, "import"))
            self.import_button.clicked.connect(sheets.import_file)
            context.rights.hold(self.import_button, "import")
            row.addWidget(self.import_button)
        self.add_button = Button(context.paints, _("Add lead"), partial(keys.first, "add_lead"), "primary")
        self.add_button.clicked.connect(sheets.add_lead)
        context.rights.hold(self.add_button, "add_lead")
        row.addWidget(self.add_button)
