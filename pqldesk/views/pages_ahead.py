"""Makes the pages ready before they are opened, in small turns while nobody uses the window."""

from collections.abc import Callable, Iterator
from time import thread_time

from PySide6.QtCore import QObject, QSize, QTimer, Signal
from PySide6.QtWidgets import QWidget

from pqldesk.views.page import PART_S, Page

_REST_MS = 16  # between two turns: the window is free for most of a frame


class PagesAhead(QObject):
    """Builds and styles one page after the other; to do that when one is opened took up to 60 ms at once."""

    ready = Signal()  # one more page is
    done = Signal()  # every page is

    def __init__(
        self, window: QWidget, keys: tuple[str, ...], page: Callable[[str], Page], size: Callable[[], QSize],
        is_in_use: Callable[[], bool],
    ) -> None:  # fmt: skip
        """*page* answers with a page of the window, which is made if it is not there; *size* is what it will have."""
        super().__init__(window)
        self._page, self._size, self._is_in_use = page, size, is_in_use
        self.turns = 0  # that it has had, those without work too
        self._spent = thread_time()  # by this thread when its last turn ended
        self._steps = self._ready(keys)
        self._next = QTimer(self, interval=_REST_MS)
        self._next.timeout.connect(self._go_on)

    def start(self) -> None:
        """Begin; it ends by itself."""
        self._next.start()

    def loaded(self, _answer: object) -> None:
        """What the pages are made of has been loaded."""
        self.start()

    @property
    def is_done(self) -> bool:
        """Whether every page is ready."""
        return not self._next.isActive()

    def _go_on(self) -> None:
        self.turns += 1
        # Where the window has had work of its own since, that may have been in the same turn of the event loop.
        if not self._is_in_use() and thread_time() - self._spent < PART_S and self._is_over():
            self._next.stop()
            self.done.emit()
        self._spent = thread_time()

    def _is_over(self) -> bool:
        """As much as one turn has room for; whether that was all."""
        until = thread_time() + PART_S
        return all(thread_time() <= until for _step in self._steps)

    def _ready(self, keys: tuple[str, ...]) -> Iterator[None]:
        for key in keys:
            page = self._page(key)
            yield
            while not page.is_built:
                page.build_part()
                yield
            page.resize(self._size())
            inside_first = (
                *reversed(page.findChildren(QWidget)),
                page,
            )  # a parent would do all of it at once
            for part in inside_first:
                part.ensurePolished()
                yield
            for part in inside_first:
                if (layout := part.layout()) is not None:
                    layout.activate()  # measures every text; where the window has another size then, only places
                    yield
            self.ready.emit()
