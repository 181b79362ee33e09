"""The words of a language, from a data file: phrases and what they mean, and the sentences of the answer."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from pipelines.director.tokens import tokenize

LEXICON_FOLDER = Path(__file__).resolve().parent / "lexicon"

DATA_TABLES = frozenset({"say", "phrase", "reason"})
"""Tables of sentences, not of phrases to recognise."""

WORD_LISTS = "generated"
"""The table of words that are looked for in the text itself: see ``pipelines.director.moving``."""

NEVER_GUESSED = frozenset({
    "filler", "det", "join", "but", "prep", "ordinary", "mark", "relative", "number", "degree", "question", "session",
    "describe", "same", "again", "says", "level", "own", "classifier", "off", "rest", "except",
})  # fmt: skip
"""Categories that a misspelt word is never corrected to: they carry too little to be worth the risk."""

GUESSED_NOUNS = "video"
"""The one key of ``filler`` whose words are corrected: the names of the result."""

VOWELS = "aeiou"
"""Letters that are left out in haste: "lft", "vertcal"."""

SHORT_KEYWORD = 4
"""Letters: misspelt words are corrected only to keywords of at least this length."""

LONG_KEYWORD = 6
"""Letters: from this length, one replaced letter is corrected too."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase means: a table of the lexicon and a key in it."""

    category: str
    value: str


class Lexicon:
    """One language.

    Args:
        data: the content of a lexicon file; see ``lexicon/en.toml`` for its form.
        borrowed: another language whose words are understood too, where they mean nothing in this one.

    Raises:
        ValueError: a phrase stands twice with different meanings.
    """

    def __init__(self, data: Mapping[str, object], borrowed: "Lexicon | None" = None) -> None:
        self.language = str(data["language"])
        self.phrases: dict[tuple[str, ...], Meaning] = {}
        self.texts: dict[str, str] = {}
        self.lists: dict[str, tuple[str, ...]] = {}
        for category, table in data.items():
            if not isinstance(table, Mapping):
                continue
            if category in DATA_TABLES:
                self.texts.update(_flatten(category, table))
                continue
            if category == WORD_LISTS:
                self.lists = {name: tuple(words) for name, words in table.items()}
                continue
            for value, phrases in table.items():
                for phrase in phrases:
                    for words in _expand(phrase):
                        self._add(words, Meaning(category, value))
        self.own_words = frozenset(word for words in self.phrases for word in words)
        if borrowed is not None:
            for words, meaning in borrowed.phrases.items():
                self.phrases.setdefault(words, meaning)
        self._longest: dict[str, int] = {}
        for words in self.phrases:
            self._longest[words[0]] = max(len(words), self._longest.get(words[0], 0))
        self.vocabulary = frozenset(word for words in self.phrases for word in words)
        self._slips = self._index_slips()

    def longest(self, word: str) -> int:
        """Words of the longest phrase that begins with a word; 0 where none does."""
        return self._longest.get(word, 0)

    def say(self, key: str, **values: object) -> str:
        """A sentence or phrase of the answer, such as ``say.will`` or ``phrase.move.hold``."""
        return self.texts[key].format(**values)

    def correct(self, word: str) -> str | None:
        """The keyword that a misspelt word stands for, None where it is not safe to say.

        One letter too many, one missing, or two neighbours swapped (edit distance 1 with transpositions; Damerau,
        CACM 7(3), 1964); in long keywords also one wrong letter. The first letter must be right,
        and the second unless it changed places with the third.
        """
        found = {keyword for key in _deletions(word) | {word} for keyword in self._slips.get(key, ())}
        close = {keyword for keyword in found if _is_slip(word, keyword)}
        # Two letters that changed places are likelier than one that is missing.
        close = (
            {keyword for keyword in close if sorted(keyword) == sorted(word)}
            or {keyword for keyword in close if _is_vowel_slip(word, keyword)}
            or {keyword for keyword in close if len(keyword) == len(word)}
            or close
        )
        if len(word) < SHORT_KEYWORD:
            close = {keyword for keyword in close if self._is_short(keyword)}
        meanings = {self.phrases.get((keyword,)) for keyword in close}
        return min(close) if close and len(meanings) == 1 else None

    def _add(self, words: tuple[str, ...], meaning: Meaning) -> None:
        known = self.phrases.setdefault(words, meaning)
        if known != meaning:
            raise ValueError(f"{' '.join(words)!r} means both {known} and {meaning}")

    def _is_short(self, keyword: str) -> bool:
        """Whether a keyword may be meant by a word of three letters: "zom", "lft"."""
        meaning = self.phrases.get((keyword,))
        return meaning is not None and meaning.category in ("verb", "direction")

    def _index_slips(self) -> dict[str, list[str]]:
        """Keywords by themselves and by what is left when one letter is taken away (SymSpell's index)."""
        keywords = {
            word
            for words, meaning in self.phrases.items()
            if meaning.category not in NEVER_GUESSED or meaning.value == GUESSED_NOUNS
            for word in words
            if word.isalpha() and (len(word) >= SHORT_KEYWORD or meaning.category == "verb")
        }
        # A word that is also harmless in another phrase ("with" in "center with") is no keyword.
        keywords -= {
            words[0]
            for words, meaning in self.phrases.items()
            if len(words) == 1 and meaning.category in NEVER_GUESSED and meaning.value != GUESSED_NOUNS
        }
        index: dict[str, list[str]] = {}
        for keyword in sorted(keywords):
            for key in _deletions(keyword) | {keyword}:
                index.setdefault(key, []).append(keyword)
        return index


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language by its code, read once."""
    with (LEXICON_FOLDER / f"{language}.toml").open("rb") as file:
        data = tomllib.load(file)
    borrows = data.get("borrows")
    return Lexicon(data, lexicon(str(borrows)) if borrows else None)


@cache
def languages() -> tuple[str, ...]:
    """The codes of all languages that there is a lexicon for."""
    return tuple(sorted(path.stem for path in LEXICON_FOLDER.glob("*.toml")))


def _flatten(prefix: str, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(f"{prefix}.{key}", value)
        else:
            yield f"{prefix}.{key}", str(value)


def _expand(phrase: str) -> Iterator[tuple[str, ...]]:
    """All wordings of a phrase with choices, as the tokeniser splits them."""
    if len(phrase) == 1:
        yield (phrase,)
        return
    choices = [element.split("/") if element != "/" else ["/"] for element in phrase.split()]
    for wording in product(*choices):
        words = tuple(word for word in wording if word != "_")
        # Thousands of wordings are plain words, which the tokeniser would only split at their spaces again.
        plain = all(word.isascii() and word.isalpha() and word.islower() for word in words)
        yield words if plain else tuple(token.text for token in tokenize(" ".join(words)))


def _deletions(word: str) -> set[str]:
    return {word[:index] + word[index + 1 :] for index in range(len(word))}


def _is_vowel_slip(word: str, keyword: str) -> bool:
    """Whether one vowel is missing, or one too many."""
    shorter, longer = sorted((word, keyword), key=len)
    return len(longer) == len(shorter) + 1 and any(
        longer[i] in VOWELS and longer[:i] + longer[i + 1 :] == shorter for i in range(1, len(longer))
    )


def _is_slip(word: str, keyword: str) -> bool:
    if word[0] != keyword[0]:
        return False
    if len(word) < len(keyword) and _is_vowel_slip(word, keyword):
        return True
    if word[1:2] != keyword[1:2] and sorted(word[:3]) != sorted(keyword[:3]):
        return False
    if len(word) != len(keyword):
        shorter, longer = sorted((word, keyword), key=len)
        doubled = any(
            longer[i] == longer[i + 1] and longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer) - 1)
        )
        return shorter in _deletions(longer) and (len(keyword) >= SHORT_KEYWORD or doubled)
    different = [index for index in range(len(word)) if word[index] != keyword[index]]
    if len(different) == 1:
        return len(keyword) >= LONG_KEYWORD or (len(keyword) == LONG_KEYWORD - 1 and word[:4] == keyword[:4])
    if len(different) != 2 or different[1] != different[0] + 1:
        return False
    first, second = different
    return word[first] == keyword[second] and word[second] == keyword[first]
