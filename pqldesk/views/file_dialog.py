"""Asking for a file or a folder, without a look into any."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QFileInfo
from PySide6.QtGui import QAbstractFileIconProvider, QIcon
from PySide6.QtWidgets import QApplication, QFileDialog, QStyle, QWidget

from pqldesk.services.basics.texts import _


class FileDialog(QFileDialog):
    """Opens by itself and tells *chosen* the path; closed without a choice it says nothing.

    Usual dialogs read the beginnings of files whose endings they do not know, to find an icon. Closed again in this
    process, a workspace among them has lost its locks (models/log_watch.py). GNOME's own dialog is in our process and
    does the same, so that on Linux it is always this one.
    """

    _last_place: ClassVar[Path | None] = None  # of this window, for as long as it is open

    def __init__(
        self,
        owner: QWidget,
        title: str,
        chosen: Callable[[str], object],
        *,
        place: Path | str = "",
        filters: str = "",
        saves_as: str = "",
        folders: bool = False,
    ) -> None:
        """*saves_as*: the usual ending of a file to be written; without it one that is there is asked for."""
        last, usual = FileDialog._last_place, Path(place).parent if saves_as else Path(place)
        # The next file mostly is where the last one was.
        if last is not None and last.is_dir() and usual == Path.home():
            place = last / Path(place).name if saves_as else last
        super().__init__(owner, title, str(place), filters)
        if sys.platform.startswith("linux"):
            self.setOption(QFileDialog.Option.DontUseNativeDialog)
        self.resize(860, 560)  # names, sizes and moments without a cut
        self._icons = _ByName()
        self.setIconProvider(self._icons)
        if saves_as:
            self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            self.setDefaultSuffix(saves_as)
            self.selectFile(Path(place).name)
            self.filterSelected.connect(self._take_suffix)
        elif folders:
            self.setFileMode(QFileDialog.FileMode.Directory)
            self.setOption(QFileDialog.Option.ShowDirsOnly)
        else:
            self.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.fileSelected.connect(partial(self._remember, folders))
        self.fileSelected.connect(chosen)
        self.finished.connect(self.deleteLater)
        self.open()

    def _remember(self, is_folder: bool, chosen: str) -> None:
        FileDialog._last_place = Path(chosen) if is_folder else Path(chosen).parent

    def _take_suffix(self, chosen: str) -> None:
        """The ending of the filter ``Excel (*.xlsx)`` that somebody chose."""
        self.setDefaultSuffix(chosen.rpartition(".")[2].rstrip(")"))


class _ByName(QAbstractFileIconProvider):
    """Icons of files and folders by what the folder itself says of them. Asked on a thread of Qt's own."""

    def __init__(self) -> None:
        super().__init__()
        style = QApplication.style()
        self._folder = style.standardIcon(QStyle.StandardPixmap.SP_DirIcon)
        self._file = style.standardIcon(QStyle.StandardPixmap.SP_FileIcon)

    def icon(self, asked: Any) -> QIcon:
        """Of a QFileInfo, or of a kind of place."""
        if isinstance(asked, QFileInfo):
            return self._folder if asked.isDir() else self._file
        return self._file if asked == QAbstractFileIconProvider.IconType.File else self._folder

    def type(self, info: QFileInfo) -> str:
        """In the column that says of what kind each is."""
        return _("Folder") if info.isDir() else info.suffix().upper()
