"""The networks of the course, each in one file that can be read from top to bottom."""

from minigrad.models.cache import KeyValueCache
from minigrad.models.gpt import GPT, GPTConfig
from minigrad.models.pretrained import load_pretrained

__all__ = ["GPT", "GPTConfig", "KeyValueCache", "load_pretrained"]
