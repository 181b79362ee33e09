"""What tiny text-guided models read a prompt with."""

from pathlib import Path
from string import ascii_lowercase
from typing import Any


def write_tokenizer(folder: Path) -> Any:
    """A T5 tokenizer that knows letters only, made here and read again from its folder."""
    from transformers import T5TokenizerFast

    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -9.0), ("▁", -2.0)]
    vocab = [*special, *((letter, -3.0) for letter in ascii_lowercase)]
    T5TokenizerFast(vocab=vocab, extra_ids=0, model_max_length=128).save_pretrained(folder)
    return T5TokenizerFast.from_pretrained(folder, local_files_only=True)
