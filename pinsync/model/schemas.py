"""The JSON Schemas of the content files, built from the tables of fields.

``schemas/`` holds what :func:`build` returns, written by ``make schemas``; validation and editors read those files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pinsync.content.linting.rule import LEVELS
from pinsync.content.linting.rules import MEANINGS
from pinsync.model import board, pin, section
from pinsync.model.kind import Field
from pinsync.model.policies import LIMIT, LIMITS_FROM, USUAL

Schema = dict[str, Any]

# Letters of any script, about as XML has them in names: \w would mean other things to other readers of the schema.
_LETTERS = (
    r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u061b\u061d-\u167f\u1681-\u180d\u180f-\u1fff"
    r"\u2c00-\u2dff\u3005-\ud7ff\uf900-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\uff21-\uffdc"
)
KEY_PATTERN = rf"^[A-Za-z0-9{_LETTERS}][A-Za-z0-9{_LETTERS}\u0300-\u036f._-]*$"
KEY_LIMIT = 100
NOT_BLANK = r"\S"
ENVIRONMENTS = {
    "production": "The Pinterest that people see.",
    "sandbox": "Pinterest's place for trials, apart from what people see.",
    "emulator": "`pinsync emulator` on this machine.",
}
TIERS = {
    "trial": "What every app begins with: 300 writes a day, and what it makes is seen by its maker alone.",
    "standard": "What Pinterest grants on request: 100 writes a minute.",
}
CATEGORIES = ("org_read", "org_write", "org_analytics")
_CALLS = {
    "org_read": "calls that read",
    "org_write": "calls that create, change or delete",
    "org_analytics": "calls for analytics",
    "universal": "calls of every category together",
}

_YEAR = 31_536_000
_CLOCK = "([01]?[0-9]|2[0-3]):[0-5][0-9]"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def build() -> dict[str, Schema]:
    """Every schema by name: pin, boards, config, defaults."""
    return {"pin": _pin_file(), "boards": _boards_file(), "config": _config(), "defaults": _defaults_file()}


def _object(properties: Mapping[str, Any], required: tuple[str, ...] = (), **more: Any) -> Schema:
    result: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    if required:
        result["required"] = list(required)
    return {**result, **more}


def _file(name: str, title: str, description: str, body: Schema) -> Schema:
    return {
        "$schema": _DIALECT,
        "$id": f"urn:pinsync:schema:{name}:1",
        "title": title,
        "description": description,
        **body,
    }


def _choice(meanings: Mapping[str, str], default: str | None, description: str) -> Schema:
    # Editors show what each value means where they offer it.
    usual = {} if default is None else {"default": default}
    return {
        "enum": list(meanings),
        "enumDescriptions": list(meanings.values()),
        **usual,
        "description": description,
    }


def _key(description: str, example: str) -> Schema:
    return {
        "type": "string",
        "pattern": KEY_PATTERN,
        "patternErrorMessage": f"Use letters, digits, dots, dashes and underscores, such as `{example}`.",
        "maxLength": KEY_LIMIT,
        "description": description,
        "examples": [example],
    }


def _name(field: Field) -> Schema:
    # A name of blanks is none to Pinterest, which takes them away; a least length would let it pass.
    return {
        **{rule: value for rule, value in (field.schema or {}).items() if rule != "minLength"},
        "pattern": NOT_BLANK,
    }


def _board_reference() -> Schema:
    existing = {
        "type": "string",
        "pattern": NOT_BLANK,
        "description": "The board's exact name on Pinterest.",
        "examples": ["Weeknight soups"],
    }
    return {
        "description": "The key of a declared board, or {existing: NAME} for a board that pinsync only adds pins to.",
        "examples": ["soups"],
        "type": ["string", "object"],
        "pattern": NOT_BLANK,
        # One step down, so that editors offer a key first, and not the mapping alone.
        "allOf": [{"properties": {"existing": existing}, "required": ["existing"], "additionalProperties": False}],
        "defaultSnippets": [
            {
                "label": "{existing: NAME}",
                "description": "A board that pinsync only adds pins to, by its exact name on Pinterest.",
                "body": {"existing": "${1:Weeknight soups}"},
            }
        ],
    }


def _section_reference() -> Schema:
    return {
        "type": ["string", "null"],
        "pattern": NOT_BLANK,
        "description": "The key of a section of that board; for an existing board, the section's exact name.",
        "examples": ["autumn"],
    }


def _from_outside() -> dict[str, Schema]:
    return {
        "on_drift": _choice(
            {
                "revert": "Change it back.",
                "report": "Leave it, and warn of it in each plan.",
                "accept": "Leave it, without a warning.",
            },
            USUAL.on_drift,
            "What to do about what somebody changed on Pinterest: change it back, warn of it in each plan "
            "and leave it, or leave it without a warning.",
        ),
        "on_missing": _choice(
            {
                "hold": "Wait until a person decides.",
                "recreate": "Make it again.",
                "forget": "Accept that it is gone.",
            },
            USUAL.on_missing,
            "What to do about what somebody deleted on Pinterest: hold until a person decides, make it "
            "again, or accept that it is gone.",
        ),
    }


_ON_MEDIA_CHANGE = {
    "hold": "Wait until a person decides.",
    "replace": "Make a new pin and delete the old one, with its saves and comments.",
}


def _lifecycle() -> Schema:
    return _object(
        {
            "protect": {
                "type": "boolean",
                "default": False,
                "description": "true: pinsync never deletes or replaces it, whatever else allows it.",
            },
            "on_media_change": _choice(
                _ON_MEDIA_CHANGE,
                "hold",
                "What a changed picture means. Pinterest cannot change the media of a pin, so replacing "
                "makes a new pin and loses saves and comments.",
            ),
            **_from_outside(),
        },
        description="What may happen to it.",
    )


def _link_params() -> Schema:
    return {
        "type": "object",
        "description": "Query parameters added to every link that does not have them yet, such as UTM tags. "
        "null takes one back.",
        "examples": [{"utm_source": "pinterest", "utm_medium": "organic"}],
        "propertyNames": {"minLength": 1},
        "additionalProperties": {"type": ["string", "null"]},
    }


def _lints(description: str) -> Schema:
    return _object(
        {code: _choice(LEVELS, None, f"Finds {meaning}.") for code, meaning in MEANINGS.items()},
        description=description,
        examples=[{"small-image": "off"}],
    )


_LINTS_HERE = "What rules are set to here, where that differs from above."


def _texts() -> Schema:
    return {name: dict(field.schema) for name, field in pin.FIELDS.items() if field.schema is not None}


def _place() -> Schema:
    return {"board": _board_reference(), "section": _section_reference()}


def _image(description: str) -> Schema:
    return {"type": "string", "pattern": NOT_BLANK, "description": description, "examples": ["pumpkin-soup.jpg"]}


_OLD_ADDRESS = "Give the old address as the plan shows it, such as pin.autumn/pumpkin-soup or board.soups."
_IMAGE_WORDS = "A picture beside this file (JPEG, PNG, WebP, AVIF …) or an https address."


def _pin_properties() -> Schema:
    slot_texts = {
        name: {
            **dict(pin.FIELDS[name].schema or {}),
            "type": "string",
            "description": f"The {name} of this picture alone.",
        }
        for name in ("title", "description", "link")
    }
    return {
        **_place(),
        **_texts(),
        "image": _image(_IMAGE_WORDS),
        "carousel": {
            "type": "array",
            "minItems": pin.CAROUSEL_SIZES[0],
            "maxItems": pin.CAROUSEL_SIZES[1],
            "description": "Two to five pictures that people page through, each with its own title, description and link.",
            "items": _object({"image": _image(_IMAGE_WORDS), **slot_texts}, ("image",), title="A picture"),
            "examples": [[{"image": "1.jpg", "title": "Classic"}, {"image": "2.jpg", "title": "With coconut"}]],
        },
        "video": {
            "type": "string",
            "pattern": NOT_BLANK,
            "description": "A video: an MP4, M4V or MOV file, named relative to this one. 4 seconds to 15 minutes, at most 2 GB.",
            "examples": ["pumpkin-soup.mp4"],
        },
        "cover": {
            "type": "string",
            "pattern": r"^(?!\s*[0-9.:,]+\s*$)[\s\S]*\S",
            "patternErrorMessage": "Write a time in whole seconds such as 3s, or name a picture.",
            "description": "The video's cover: the picture at a time in whole seconds (3s), a picture file, or an https address. "
            "Without it, the picture at 1s.",
            "examples": ["3s", "pumpkin-soup-cover.jpg"],
        },
        "save": {
            "type": "string",
            "pattern": r"^(https://([a-z]+\.)?pinterest\.[a-z.]+/pin/[0-9]+/?|[0-9]+)$",
            "patternErrorMessage": "Copy the pin's address from the browser, such as https://www.pinterest.com/pin/1234/.",
            "description": "The address (or id) of an existing pin to save to the board.",
            "examples": ["https://www.pinterest.com/pin/1234/"],
        },
        "publish_at": {
            "type": "string",
            "description": "Not before this date and time; without an offset, in the timezone of pinsync.yaml. now: with the "
            "next apply, also where pinsync.yaml has slots (spread).",
            "examples": ["2026-12-01T09:00+01:00"],
        },
        "lifecycle": _lifecycle(),
        "lints": _lints(_LINTS_HERE),
        "moved_from": {
            "type": "string",
            "pattern": "^pin\\..+",
            "patternErrorMessage": _OLD_ADDRESS,
            "description": "The address it had before, where pinsync cannot tell by itself.",
            "examples": ["pin.autumn/pumpkin-soup"],
        },
    }


def _pin_file() -> Schema:
    body = _object(_pin_properties(), oneOf=[{"required": [key]} for key in pin.MEDIA_KEYS])
    return _file(
        "pin", "A pin", "One pin a file. Exactly one of image, carousel, video and save says what it is.", body
    )


def _boards_file() -> Schema:
    a_section = _object(
        {
            "key": _key("How pins refer to it. Stays when the name changes.", "autumn"),
            "name": _name(section.FIELDS["name"]),
            "lifecycle": _lifecycle(),
        },
        ("key", "name"),
        title="A section",
    )
    a_board = _object(
        {
            "key": _key("How pins refer to it. Stays when the name changes.", "soups"),
            **{name: dict(field.schema or {}) for name, field in board.FIELDS.items()},
            "name": _name(board.FIELDS["name"]),
            "sections": {
                "type": "array",
                "items": a_section,
                "description": "The sections that pinsync manages.",
                "examples": [[{"key": "autumn", "name": "Autumn"}]],
            },
            "lifecycle": _lifecycle(),
            "moved_from": {
                "type": "string",
                "pattern": "^board\\..+",
                "patternErrorMessage": _OLD_ADDRESS,
                "description": "The address it had before.",
                "examples": ["board.soup"],
            },
        },
        ("key", "name"),
        title="A board",
    )
    a_pin = _object(
        {"id": _key("Tells it from the other pins of this file.", "tomato"), **_pin_properties()},
        ("id",),
        title="A pin",
        oneOf=[{"required": [key]} for key in pin.MEDIA_KEYS],
    )
    body = _object(
        {
            "boards": {
                "type": "array",
                "items": a_board,
                "description": "Boards, each with its sections.",
                "examples": [[{"key": "soups", "name": "Weeknight soups"}]],
            },
            "pins": {
                "type": "array",
                "items": a_pin,
                "description": "Pins, each with an id.",
                "examples": [[{"id": "tomato", "board": "soups", "image": "tomato.jpg"}]],
            },
        },
        anyOf=[{"required": ["boards"]}, {"required": ["pins"]}],
    )
    return _file("boards", "Boards and pins", "A file of several boards, several pins, or both.", body)


def _default_properties() -> Schema:
    return {**_place(), **_texts(), "lifecycle": _lifecycle(), "link_params": _link_params()}


def _defaults_file() -> Schema:
    return _file(
        "defaults",
        "Defaults",
        "Values for the pins in this folder and below. The nearest file wins; a pin's own value always does.",
        _object({**_default_properties(), "lints": _lints(_LINTS_HERE)}),
    )


def _limit(action: str) -> Schema:
    return {
        "type": ["string", "integer"],
        "pattern": "^([0-9]|[1-9][0-9]|100)%$",
        "patternErrorMessage": "Write a share such as 30%, or a number of resources.",
        "minimum": 0,
        "default": f"{LIMIT:.0%}",
        "description": f"The most that one plan may {action}: a share of the known resources, or a number of them.",
        "examples": ["30%", 5],
    }


def _state() -> Schema:
    # No `default` for what fits one backend alone: editors write defaults out where they complete the whole mapping.
    name = "^[A-Za-z0-9_][A-Za-z0-9_-]*([./][A-Za-z0-9_-]+)*$"
    return _object(
        {
            "backend": _choice(
                {
                    "local": "A file beside the content.",
                    "git": "A branch of the remote repository.",
                    "s3": "A bucket in S3, or in a store like it.",
                },
                "local",
                "Where the state is kept: in a file beside the content, on a branch of the remote "
                "repository, or in S3 and what is like it.",
            ),
            "path": {
                "type": "string",
                "pattern": NOT_BLANK,
                "default": ".pinsync/state.json",
                "description": "The state file, relative to this one. With git, the path on the branch (by default that of "
                "the content folder in the repository, with state.json); with s3, the key of the object.",
                "examples": ["soups/state.json"],
            },
            "branch": {
                "type": "string",
                "pattern": name,
                "patternErrorMessage": "Give the name of a branch, such as pinsync-state.",
                "description": "With git: the branch, which holds nothing else. Default: `pinsync-state`.",
                "examples": ["pinsync-state"],
            },
            "remote": {
                "type": "string",
                "pattern": name,
                "patternErrorMessage": "Give the name of a remote as `git remote` shows it, such as origin; addresses belong "
                "into git's configuration.",
                "description": "With git: the remote of the checkout, by its name. Default: `origin`.",
                "examples": ["origin"],
            },
            "bucket": {
                "type": "string",
                "pattern": NOT_BLANK,
                "description": "With s3: the bucket.",
                "examples": ["our-pins"],
            },
            "endpoint": {
                "type": "string",
                "pattern": "^https?://",
                "patternErrorMessage": "Give a web address, such as https://s3.example.com.",
                "description": "With s3: the address of a store that is not Amazon's; with http only on this machine.",
                "examples": ["https://s3.example.com"],
            },
            "region": {
                "type": "string",
                "pattern": NOT_BLANK,
                "description": "With s3: the region, where the environment does not say it.",
                "examples": ["eu-central-1"],
            },
        },
        description="Where pinsync remembers what it created.",
    )


_DURATION = "Write a number and its unit: 500ms, 30s or 2m."


def _config() -> Schema:
    window = {
        "type": "object",
        "properties": {
            "calls": {
                "type": "integer",
                "minimum": 1,
                "maximum": 1_000_000_000,
                "description": "How many calls …",
                "examples": [100],
            },
            "seconds": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": _YEAR,
                "description": "… within how many seconds.",
                "examples": [60],
            },
        },
        "required": ["calls", "seconds"],
        "additionalProperties": False,
    }
    body = _object(
        {
            "environment": _choice(
                ENVIRONMENTS,
                "production",
                "Which Pinterest: production, sandbox, or the emulator on this machine.",
            ),
            "profile": {
                "type": "string",
                "pattern": "^[a-z0-9][a-z0-9_-]{0,39}$",
                "patternErrorMessage": "Use small letters, digits, dashes and underscores, at most 40, such as `soups`.",
                "default": "default",
                "description": "Which login of that environment is used, where `pinsync auth login --profile NAME` made several.",
            },
            "tier": _choice(TIERS, "trial", "The access tier of your Pinterest app; it sets the rate limits."),
            "timezone": {
                "type": "string",
                "description": "The zone of times without an offset, by its IANA name.",
                "examples": ["Europe/Berlin"],
            },
            "spread": _object(
                {
                    "every": {
                        "type": "string",
                        "pattern": "^[0-9]{1,4}[mh]$",
                        "patternErrorMessage": "Write minutes or hours, from 1m to 24h, such as 45m or 2h.",
                        "description": "From one slot to the next, in minutes (45m) or hours (2h).",
                        "examples": ["45m"],
                    },
                    "between": {
                        "type": "string",
                        "pattern": f"^{_CLOCK} ?- ?{_CLOCK}$",
                        "patternErrorMessage": "Write two times of one day, from 00:00 to 23:59, such as 08:00-21:00.",
                        "description": "The first slot of each day, and the time after which there is none, on the clocks "
                        "of timezone.",
                        "examples": ["08:00-21:00"],
                    },
                },
                ("every", "between"),
                description="Slots for new pins without publish_at, one each. Without it they appear with the next apply.",
            ),
            "concurrency": {
                "type": "integer",
                "minimum": 1,
                "maximum": 32,
                "default": 8,
                "description": "How many calls may be under way at once.",
            },
            "max_writes": {
                "type": "integer",
                "minimum": 0,
                "description": "How many writes a run makes at most, as --max-writes, which goes before: what is due longest "
                "first, the rest in a later run.",
                "examples": [100],
            },
            "settling": {
                "type": "string",
                "pattern": "^[0-9]{1,6}(ms|s|m)$",
                "patternErrorMessage": _DURATION,
                "default": "30s",
                "description": "How long what was just made may be missing in what Pinterest lists. Where the answer to a "
                "creation was lost, pinsync waits that long before it believes that nothing was made.",
                "examples": ["30s"],
            },
            "processing": {
                "type": "string",
                "pattern": "^[0-9]{1,6}(ms|s|m)$",
                "patternErrorMessage": _DURATION,
                "default": "10m",
                "description": "How long to wait until Pinterest has processed a video. After that the run goes on without it, and "
                "the next one uses the same upload.",
                "examples": ["10m"],
            },
            "rates": {
                "type": "object",
                "description": "Rate limits that differ from Pinterest's published ones, by category.",
                "properties": {
                    name: {**window, "description": f"The limit on {meaning}."} for name, meaning in _CALLS.items()
                },
                "additionalProperties": False,
            },
            "state": _state(),
            "policies": _object(
                {
                    "on_existing": _choice(
                        {"adopt": "Take it over.", "hold": "Wait until a person decides."},
                        "adopt",
                        "What to do when Pinterest already has a board, section or pin that matches a "
                        "declared one: adopt it, or hold until a person decides.",
                    ),
                    "prune": {
                        "type": "boolean",
                        "default": False,
                        "description": "true: delete on Pinterest what is declared no more, as --prune does.",
                    },
                    "on_media_change": _choice(
                        _ON_MEDIA_CHANGE,
                        "hold",
                        "What a changed picture means, as --allow-replace: make a new pin and delete the old "
                        "one, which loses its saves and comments, or hold until a person decides.",
                    ),
                    "foreign_pins": _choice(
                        {"hold": "Wait until a person decides.", "delete": "Delete it, and these pins with it."},
                        "hold",
                        "What to do with a board or section that is declared no more and holds pins that "
                        "pinsync did not make: hold it, or delete it and them.",
                    ),
                    **_from_outside(),
                },
                description="What pinsync may do by itself.",
            ),
            "limits": _object(
                {
                    **{action: _limit(action) for action in ("update", "replace", "delete")},
                    "from": {
                        "type": "integer",
                        "minimum": 0,
                        "default": LIMITS_FROM,
                        "description": "The limits count from so many known resources on.",
                    },
                },
                description="How much of what is known one plan may change. A plan that exceeds a limit is refused as a "
                "whole, unless --force lets it pass.",
            ),
            "lints": _lints(
                "What each rule is: off, warning (as all are) or error, which forbids planning. _defaults.yaml "
                "files and pins may say otherwise."
            ),
            "defaults": _object(_default_properties(), description="Values for all pins; _defaults.yaml files win."),
        }
    )
    return _file("config", "pinsync.yaml", "The content root's configuration. An empty file is enough.", body)
