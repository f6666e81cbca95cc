"""All that the pages say, in Japanese and English."""

from sekisho.console.texts.catalogue import CATALOGUE, Text

__all__ = ["CATALOGUE", "Text"]
