"""Asking who sits at the desk, the first time that it matters."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLineEdit, QWidget

from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import _
from pqldesk.views.labels import Label
from pqldesk.views.notices import problem_words
from pqldesk.views.page import Context
from pqldesk.views.small_sheets import SmallSheet


class WhoSheet(SmallSheet):
    """Keeps the e-mail as the setting of the workspace; what was refused for want of it is done again by hand."""

    def __init__(self, context: Context) -> None:
        self.size_wanted = QSize(480, 0)
        super().__init__(
            context, _("Who are you?"), _("What you claim and write carries your e-mail."), _("That is me")
        )
        self.email = QLineEdit()
        self.email.setPlaceholderText("kim@example.com")
        self.add(_("Your e-mail"), self.email)
        self.problem = Label(context.theme, "", 12, tone="bad")
        self.problem.setWordWrap(True)
        self.fields.addWidget(self.problem)
        self.problem.stand_only_with_words()
        self.fields.addStretch()

    def first_field(self) -> QWidget:
        return self.email

    def submit(self) -> None:
        email = self.email.text().strip()
        if "@" not in email.strip("@"):
            self.problem.setText(_("Write your e-mail address."))
            return
        self.confirm.setEnabled(False)
        job = self.context.background.write(self.context.desk.set_setting, "rep", email, email)
        job.then(lambda _answer: self._known(email)).otherwise(self._explain)

    def _known(self, email: str) -> None:
        self.close_sheet()
        self.context.wishes.told.emit(_("You are {email}. Now it can be done.").format(email=email), 0)

    def _explain(self, problem: Exception) -> None:
        self.confirm.setEnabled(True)
        if isinstance(problem, Problem):
            self.problem.setText(problem_words(problem))
        else:
            self.close_sheet()
            self.context.background.problem.emit(problem)
