"""All rules, in the order in which people see them. A new rule is a line here."""

from __future__ import annotations

from pinsync.content.linting import pictures, same_picture, texts, videos
from pinsync.content.linting.rule import Rule

DEAD_LINK = Rule("dead-link", "a link that leads nowhere; only `pinsync validate --links` can tell")

RULES = (
    texts.MISSING_ALT_TEXT,
    texts.MISSING_TITLE,
    texts.MISSING_DESCRIPTION,
    texts.MISSING_LINK,
    texts.INSECURE_LINK,
    DEAD_LINK,
    texts.REPEATED_TITLE,
    same_picture.SAME_PICTURE,
    pictures.SMALL_IMAGE,
    pictures.IMAGE_SHAPE,
    pictures.CAROUSEL_SHAPES,
    videos.VIDEO_SHAPE,
    videos.VIDEO_ENCODING,
    videos.COVER_SHAPE,
)

MEANINGS = {rule.code: rule.meaning for rule in RULES}
"""What each rule finds, by its code."""
