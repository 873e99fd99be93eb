"""That measurements run, and that history tells what they came to. What they measure is not looked at here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import MEASUREMENTS, history
from benchmarks.__main__ import main
from benchmarks.measuring import Row


def test_a_measurement_is_printed_and_written_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bench.json"
    assert main(["keeping", "--pins", "20", "--json", str(file)]) == 0
    assert "writing a state of 20" in capsys.readouterr().out
    rows = json.loads(file.read_text("utf-8"))["measurements"]["keeping"]
    assert [row["what"] for row in rows] == ["reading a state of 20", "writing a state of 20"]
    assert all(row["ratio"] == pytest.approx(row["ours"] / row["bare"]) for row in rows)


def test_history_shows_the_last_runs_side_by_side(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    assert "No run" in history.table(file)
    for number in range(history.SHOWN + 1):
        rows = [Row("a plan", 1.0, 1.0, "ms", "libyaml", 100 + number)]
        history.record({"loading": rows, "skipped": []}, file)
    table = history.table(file)
    assert "a plan / libyaml" in table
    assert "100.00×" not in table
    assert table.index("101.00×") < table.index(f"{100 + history.SHOWN}.00×")


def test_a_run_of_few_pins_is_not_recorded() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--record", "--pins", "5"])


def test_every_measurement_has_its_file() -> None:
    folder = Path(history.__file__).parent
    assert all((folder / f"{name}.py").is_file() for name in MEASUREMENTS)
