"""Text as ids and back: tokenizers; and new text, written by a language model."""

from minigrad.text.bpe import BPETokenizer
from minigrad.text.characters import CharTokenizer
from minigrad.text.generation import generate, stream
from minigrad.text.masking import mask_tokens
from minigrad.text.tokenizer import Tokenizer
from minigrad.text.words import WordTokenizer

__all__ = [
    "BPETokenizer", "CharTokenizer", "Tokenizer", "WordTokenizer", "generate", "mask_tokens",
    "stream",
]  # fmt: skip
