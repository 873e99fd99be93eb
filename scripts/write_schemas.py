"""Writes schemas/ from the tables of fields: ``make schemas``."""

import json
from pathlib import Path

from pinsync.model.schemas import build

FOLDER = Path(__file__).resolve().parent.parent / "schemas"

if __name__ == "__main__":
    for name, schema in build().items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
