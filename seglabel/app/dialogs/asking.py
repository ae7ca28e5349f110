"""Showing a dialog and waiting for it."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog


def ask(dialog: QDialog) -> bool:
    """Show a dialog until it is closed. Returns whether it was accepted.

    What it says can be read by the caller; after that it is gone, where else its parent would keep
    it, and everything in it, for as long as the window lives.
    """
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return accepted
