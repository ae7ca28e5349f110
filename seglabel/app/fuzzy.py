"""How well a few typed letters fit a text."""

from __future__ import annotations

_WHOLE = 1000
_WORD_START = 40
_INSIDE_WORD = 25  # per letter
_IN_A_ROW = 15


def fitness(typed: str, text: str) -> int | None:
    """The larger the better; ``None`` if the letters are not in ``text`` in this order.

    What begins a word comes first, the nearer to the start of the text the better; then letters
    at the starts of words, and letters in a row. Case makes no difference.
    """
    typed, text = " ".join(typed.casefold().split()), text.casefold()
    if not typed:
        return 0
    at = _best_start(typed, text)
    if at >= 0 and _starts_word(text, at):
        return _WHOLE - at - len(text) // 4
    by_letters = _fitness_of_letters(typed, text)
    if at < 0 or by_letters is None:
        return by_letters
    return max(by_letters, _INSIDE_WORD * len(typed) - len(text) // 4)


def starts_a_word(typed: str, text: str) -> bool:
    """Whether a word of ``text`` begins with what was typed. Case makes no difference."""
    typed, text = " ".join(typed.casefold().split()), text.casefold()
    at = _best_start(typed, text)
    return bool(typed) and at >= 0 and _starts_word(text, at)


def _fitness_of_letters(typed: str, text: str) -> int | None:
    total, last = 0, -1
    for letter in typed.replace(" ", ""):
        at = _next(letter, text, last + 1)
        if at < 0:
            return None
        if _starts_word(text, at):
            total += _WORD_START
        elif at == last + 1:
            total += _IN_A_ROW
        last = at
    return total - len(text) // 4


def _best_start(typed: str, text: str) -> int:
    """Where ``text`` holds ``typed``, at the start of a word if it does so anywhere; else -1."""
    first = at = text.find(typed)
    while at >= 0:
        if _starts_word(text, at):
            return at
        at = text.find(typed, at + 1)
    return first


def _next(letter: str, text: str, start: int) -> int:
    """The letter that goes on in a row, else one that starts a word, else the nearest."""
    nearest = text.find(letter, start)
    at = nearest
    while at > start:
        if _starts_word(text, at):
            return at
        at = text.find(letter, at + 1)
    return nearest if at < 0 else at


def _starts_word(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()
