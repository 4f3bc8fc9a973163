"""Cards beside each other while each has room to be read, else on as many lines as it takes."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from pqldesk.views.theme import Theme

_GAP = 12


class Abreast(QWidget):
    """Keeps the order of its cards. *least* is the width at the usual text below which a card goes to the next line."""

    def __init__(self, theme: Theme, least: int, *cards: QWidget, shares: tuple[int, ...] = ()) -> None:
        """*shares* divide the width of one line among all cards; without them each gets the same."""
        super().__init__()
        self._theme, self._least, self._cards = theme, least, cards
        self._shares = shares or (1,) * len(cards)
        self._across = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._place(len(cards))

    def minimumSizeHint(self) -> QSize:
        """As narrow as the widest card alone, as high as the lines are now."""
        narrowest = max((card.minimumSizeHint().width() for card in self._cards), default=0)
        return QSize(narrowest, self._grid.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()  # larger text, or longer words in a card
        return super().event(event)

    def _fit(self) -> None:
        wanted = [max(self._theme.px(self._least), card.minimumSizeHint().width()) for card in self._cards]
        for across in range(len(wanted), 0, -1):
            lines = [wanted[n : n + across] for n in range(0, len(wanted), across)]
            if across == 1 or max(sum(line) + _GAP * (len(line) - 1) for line in lines) <= self.width():
                self._place(across)
                return

    def _place(self, across: int) -> None:
        if across == self._across:
            return
        self._across = across
        is_one_line = across == len(self._cards)
        for n, card in enumerate(self._cards):
            self._grid.removeWidget(card)
            is_last_alone = n == len(self._cards) - 1 and n % across == 0
            self._grid.addWidget(card, n // across, n % across, 1, across if is_last_alone else 1)
        for n in range(len(self._cards)):
            self._grid.setColumnStretch(n, (self._shares[n] if is_one_line else 1) if n < across else 0)
        self.updateGeometry()
