from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pinsync.cli.emulator import command
from pinsync.emulator.effects import EFFECTS
from pinsync.emulator.faults import Fault
from pinsync.emulator.scenario import Scenario, load_scenario
from pinsync.emulator.settings import EmulatorSettings
from pinsync.errors import UsageError

FULL = """
seed: 7
latency: 100ms
tier: trial
token_lifetime: 2s
refresh_token_lifetime: 1.5h
pin_age: 60d
beta: false
rates: {org_write: 100/1s, universal: none}
faults:
  - pins/create:drop-after:nth=3
  - "*:429=2:p=0.5"
  - {operation: pins/create, effect: 500-after, when: {nth: 3}}
  - {operation: "*", effect: 401, when: {from: 40}}
  - operation: boards/list_pins
    effect: stale
    seconds: 0.5
    when: {p: 0.1}
  - {operation: pins/get, effect: 429}
"""


def _read(folder: Path, text: str | bytes) -> tuple[Scenario, list[str]]:
    file = folder / "scenario.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    scenario, problems = load_scenario(file)
    return scenario, [f"{one.line}:{one.column}: {one.message} {one.advice}".strip() for one in problems]


def test_all_that_a_scenario_can_say(tmp_path: Path) -> None:
    scenario, problems = _read(tmp_path, FULL)
    assert problems == []
    assert scenario == Scenario(
        (
            Fault("pins/create", "drop-after", 0.0, "nth", 3),
            Fault("*", "429", 2.0, "p", 0.5),
            Fault("pins/create", "500-after", 0.0, "nth", 3),
            Fault("*", "401", 0.0, "from", 40),
            Fault("boards/list_pins", "stale", 0.5, "p", 0.1),
            Fault("pins/get", "429", 1.0),
        ),
        seed=7,
        latency=0.1,
        tier="trial",
        token_lifetime=2,
        refresh_token_lifetime=5400,
        pin_age=60 * 86_400,
        beta=False,
        rates={"org_write": ((100, 1.0),), "universal": ()},
    )


def test_every_effect_can_be_a_mapping(tmp_path: Path) -> None:
    entries = []
    for effect in EFFECTS.values():
        seconds = f", seconds: {effect.seconds}" if effect.seconds else ""
        entries.append(f"- {{operation: {effect.only or 'pins/create'}, effect: {effect.name}{seconds}}}")
    scenario, problems = _read(tmp_path, "faults:\n" + "\n".join(entries))
    assert problems == []
    assert [fault.effect for fault in scenario.faults] == list(EFFECTS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "1:1: the file is empty Write `faults:`"),
        ("- pins/create:429", "1:1: a scenario is a mapping"),
        ("faults: pins/create:429", "1:9: faults has to be a list"),
        ("fault: []", "1:1: unknown key `fault` Did you mean `faults`?"),
        ("seed: soon", "1:7: seed has to be a whole number"),
        ("seed: yes", "1:7: seed has to be a whole number"),
        ("seed: true", "1:7: seed has to be a whole number"),
        ("seed: 1\nseed: 2", "2:1:"),
        ("latency: soon", "write 100ms"),
        ("latency: -1", "write 100ms"),
        ("latency: .inf", "write 100ms"),
        ("token_lifetime: 2w", "write 100ms"),
        ("token_life: 2s", "token_lifetime"),
        ("beta: 1", "1:7: beta has to be true or false"),
        ("tier: gold", "1:7: there is no tier 'gold'"),
        ("tier: [trial]", "1:7: there is no tier"),
        ("faults: [3]", "1:10: a fault is a text or a mapping"),
        ("faults:\n  - pins/creat:429", "2:5: unknown operation 'pins/creat'; did you mean 'pins/create'"),
        ("faults:\n  - {effect: 429}", "2:5: operation is missing"),
        ("faults:\n  - {operation: pins/create}", "2:5: effect is missing"),
        ("faults:\n  - {operation: [], effect: 429}", "unknown operation '[]'"),
        ("faults:\n  - {operation: pins/create, effect: slow}", "such as slow=2"),
        ("faults:\n  - {operation: pins/create, effect: slow, seconds: long}", "such as slow=2; got 'long'"),
        ("faults:\n  - {operation: pins/create, effect: slow, seconds: -.inf}", "such as slow=2"),
        ("faults:\n  - {operation: pins/create, effect: 409, seconds: 1}", "409 takes no seconds"),
        ("faults:\n  - {operation: pins/create, effect: drop-befor}", "did you mean 'drop-before'"),
        ("faults:\n  - {operation: pins/create, effect: 409, when: 3}", "Write {nth: 3}"),
        ("faults:\n  - {operation: pins/create, effect: 409, when: {nth: 3, p: 1}}", "Write {nth: 3}"),
        ("faults:\n  - {operation: pins/create, effect: 409, when: {nht: 3}}", "unknown moment 'nht'"),
        ("faults:\n  - {operation: pins/create, effect: 409, when: {nth: 0}}", "counts calls from 1"),
        ("faults:\n  - {operation: pins/create, effect: 409, when: {p: 1.5}}", "from 0 to 1"),
        ("faults:\n  - {operation: pins/create, effect: 409, wen: {p: 1}}", "unknown key `wen` Did you mean `when`?"),
        ("rates: 100/1s", "rates is a mapping"),
        ("rates: {org_wirte: 100/1s}", "there is no rate category 'org_wirte'"),
        ("rates: {org_write: 100}", "'100' is not a rate; write 100/1s"),
        ("rates: {org_write: 100/1y}", "'1y' is not a duration"),
        ("rates: {org_write: 100/0s}", "its time is nothing"),
        ("faults:\n  - *:429", "goes into quotes"),
        ("faults: !!python/object:os.system x", "tag"),
        (b"faults: \xff", "UTF-8"),
        ("seed: 1\n---\nseed: 2", "second document"),
        ("#" * 2_000_000, "bytes"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str | bytes, says: str) -> None:
    _, problems = _read(tmp_path, text)
    assert any(says in problem for problem in problems), problems


def test_everything_wrong_is_said_at_once_and_nothing_is_started(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text("seed: x\ntier: gold\nfaults:\n  - pins/creat:429\n  - {effect: slow}\n", "utf-8")
    result = CliRunner().invoke(command, ["--scenario", str(file), "--data", str(tmp_path / "data")])
    assert isinstance(result.exception, UsageError)
    assert "5 problems" in result.exception.message
    for line in (1, 2, 4, 5):
        assert f"scenario.yaml:{line}:" in result.output
    assert not (tmp_path / "data").exists()


def test_the_command_line_adds_faults_and_wins_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[EmulatorSettings] = []
    monkeypatch.setattr("pinsync.emulator.server.serve", lambda settings, *rest: served.append(settings))
    file = tmp_path / "scenario.yaml"
    file.write_text(FULL, "utf-8")
    overruling = [
        "--fault",
        "pins/list:409",
        "--tier",
        "standard",
        "--latency",
        "0",
        "--seed",
        "0",
        "--rate",
        "org_write=9/1m",
    ]
    for more in ([], [*overruling, "--token-lifetime", "30d", "--beta"]):
        assert CliRunner().invoke(command, ["--scenario", str(file), *more]).exit_code == 0
    told, overruled = served
    assert (told.tier, told.latency, told.seed, len(told.faults)) == ("trial", 0.1, 7, 6)
    assert (overruled.tier, overruled.latency, overruled.seed) == ("standard", 0.0, 0)
    assert (told.token_lifetime, told.refresh_token_lifetime) == (2, 5400)
    assert (overruled.token_lifetime, overruled.refresh_token_lifetime) == (30 * 86_400, 5400)
    assert (told.pin_age, told.beta, overruled.beta) == (60 * 86_400, False, True)
    assert told.limits == {"org_write": ((100, 1.0),), "universal": ()}
    assert overruled.limits == {"org_write": ((9, 60.0),), "universal": ()}
    assert overruled.faults == (*told.faults, Fault("pins/list", "409"))
