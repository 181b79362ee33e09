"""Which language an instruction is written in."""

from pipelines.director.lexicon import languages, lexicon
from pipelines.director.tokens import is_unspaced, tokenize

DEFAULT = "en"

CHINESE = "zh"

MOST = 400
"""Characters that are looked at."""


def language_of(text: str) -> str:
    """The code of the language whose lexicon knows most of the words; characters of Han decide by themselves.

    Quoted words, which are to be shown, do not count where there are others.
    """
    tokens = tokenize(text[:MOST])
    words = [token.text for token in tokens if token.kind == "word"]
    if not words:
        words = [token.text for token in tokenize(text[1:MOST]) if token.kind == "word"]
    if any(is_unspaced(word[0]) for word in words) and CHINESE in languages():
        return CHINESE
    scores = {code: sum(word in lexicon(code).own_words for word in words) for code in languages() if code != CHINESE}
    best = max(scores.values(), default=0)
    return DEFAULT if scores.get(DEFAULT, 0) == best else max(scores, key=lambda code: scores[code])
