"""A report as one HTML page: no network, no scripts, every text as data.

There is a table for each order that rows can have, and buttons that show one of them.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode

from pinsync.analytics.metrics import Metric
from pinsync.analytics.summing import Days, Report, Row, ranked
from pinsync.report.analytics.words import name_of, notes, number
from pinsync.report.escaping import page
from pinsync.report.problems import counted

MOST_ROWS = 1_000
"""In each table of a page: a browser gets slow with more."""

_SMALL = (120, 24)  # width and height of the days of a row
_LARGE = (640, 120)


def render(report: Report) -> str:
    """The page."""
    orders: dict[str, list[Row]] = {"name": sorted(report.rows, key=lambda row: row.key)}
    orders |= {metric.label: ranked(report.rows, metric) for metric in report.metrics}
    visible = {id(row): row for rows in orders.values() for row in rows[:MOST_ROWS]}.values()
    lines = {id(row): _row(report, row, f"d{place}") for place, row in enumerate(visible)}
    shown = "".join(
        f"#o{place}:checked ~ .tables > .o{place} {{ display: block; }}\n"
        f'#o{place}:checked ~ .orders > [for="o{place}"] {{ background: var(--accent); color: var(--ground); }}\n'
        f'#o{place}:focus-visible ~ .orders > [for="o{place}"] {{ outline: 3px solid var(--accent); outline-offset: 2px; }}\n'
        for place in range(len(orders))
    )
    style = f"{_STYLE}{shown}"
    inputs = "".join(
        f'<input type="radio" name="order" id="o{place}" class="sr"{" checked" if name == report.sort.label else ""}>'
        for place, name in enumerate(orders)
    )
    labels = "".join(f'<label for="o{place}">{page(name)}</label> ' for place, name in enumerate(orders))
    tables = "".join(
        f'<section class="o{place}">{_table(report, [lines[id(row)] for row in rows[:MOST_ROWS]], name)}</section>'
        for place, (name, rows) in enumerate(orders.items())
    )
    symbols = "".join(_symbol(f"d{place}", row.daily(report.sort)) for place, row in enumerate(visible))
    figures = "".join(_figure(report, metric) for metric in report.metrics if not metric.lifetime)
    said = [*notes(report)]
    if len(report.rows) > MOST_ROWS:
        said.append(f"Each table has its first {MOST_ROWS:,} rows; CSV and JSON have all.")
    title = f"Analytics: {report.period.start} to {report.period.end}"
    return (
        '<!doctype html>\n<html lang="en" data-pinsync="analytics">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n'
        f"<main><h1>{title}</h1>"
        f'<p class="quiet">{counted(report.whole.pins, "pin")} in {page(report.environment)}, UTC</p>'
        f'<div class="figures">{figures}</div>'
        f'{inputs}<div class="orders" aria-label="Order of the rows" role="group">{labels}</div>'
        f'<div class="tables">{tables}</div><svg class="sr" aria-hidden="true">{symbols}</svg>'
        f"<h2>About these numbers</h2><ul>{''.join(f'<li>{page(note)}</li>' for note in said)}</ul></main>\n"
        "</body>\n</html>\n"
    )


def _policy(style: str) -> str:
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _table(report: Report, lines: list[str], order: str) -> str:
    heads = "".join(
        f'<th scope="col"{_sorted(metric.label == order, "descending")}><label for="o{place}">{page(metric.label)}</label></th>'
        for place, metric in enumerate(report.metrics, 1)
    )
    has_days = not report.sort.lifetime
    days = f'<th scope="col">{page(report.sort.label)} a day</th>' if has_days else ""
    whole = f'<th scope="row">all {counted(report.whole.pins, "pin")}</th>{_cells(report, report.whole)}'
    return (
        f'<table><caption class="sr">By {page(report.by)}, in the order of {page(order)}</caption><thead><tr>'
        f'<th scope="col"{_sorted(order == "name", "ascending")}><label for="o0">{page(report.by)}</label></th>{heads}{days}'
        f"</tr></thead><tbody>{''.join(lines)}</tbody><tfoot><tr>{whole}{'<td></td>' if has_days else ''}</tr></tfoot></table>"
    )


def _sorted(yes: bool, how: str) -> str:
    return f' aria-sort="{how}"' if yes else ""


def _row(report: Report, row: Row, plot: str) -> str:
    name = page(name_of(report, row))
    if row.subject:
        name = f'<a href="{page(report.url_of(row.subject.id))}" rel="noopener noreferrer">{name}</a>'
    title = f'<small dir="auto">{page(row.title)}</small>' if row.title else ""
    width, height = _SMALL
    days = (
        f'<td><svg class="days" viewBox="0 0 {width} {height}" role="img" aria-label="{_spread(row.daily(report.sort))}">'
        f'<use href="#{plot}"></use></svg></td>'
        if not report.sort.lifetime
        else ""
    )
    return f'<tr><th scope="row">{name}{title}</th>{_cells(report, row)}{days}</tr>'


def _cells(report: Report, row: Row) -> str:
    return "".join(f"<td>{number(metric, row.total(metric), '–')}</td>" for metric in report.metrics)


def _symbol(key: str, days: Days) -> str:
    width, height = _SMALL
    path = "".join(
        f"M{x:.1f} {height}v{-bar:.1f}h{wide:.1f}V{height}z" for x, bar, wide in _bars(days, width, height) if bar
    )
    return f'<symbol id="{key}" viewBox="0 0 {width} {height}"><path d="{path}"></path></symbol>'


def _figure(report: Report, metric: Metric) -> str:
    """The days of all pins together, with those that may still change paler."""
    width, height = _LARGE
    days = report.whole.daily(metric)
    dates = report.period.days
    bars = "".join(
        f'<rect x="{x:.1f}" y="{height - bar:.1f}" width="{wide:.1f}" height="{bar:.1f}"'
        f"{' class=' + chr(34) + 'open' + chr(34) if day in report.may_change else ''}>"
        f"<title>{day}: {number(metric, value)}</title></rect>"
        for day, value, (x, bar, wide) in zip(dates, days, _bars(days, width, height), strict=False)
        if value is not None
    )
    return (
        f"<figure><figcaption>{page(metric.label)} <b>{number(metric, report.whole.total(metric), '–')}</b></figcaption>"
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{page(metric.label)} a day: {_spread(days, metric)}">'
        f'{bars}</svg><p class="quiet"><time>{dates[0]}</time> <time>{dates[-1]}</time></p></figure>'
    )


def _bars(days: Days, width: int, height: int) -> list[tuple[float, float, float]]:
    """Where each day's bar begins, how high and how wide it is."""
    highest = max((value for value in days if value is not None), default=0) or 1
    step = width / max(1, len(days))
    return [(place * step, (value or 0) / highest * height, step * 0.86) for place, value in enumerate(days)]


def _spread(days: Days, metric: Metric | None = None) -> str:
    known = [value for value in days if value is not None]
    if not known:
        return "no numbers"
    least, most = (number(metric, value) if metric else f"{value:,.4g}" for value in (min(known), max(known)))
    return f"{least} to {most}"


_STYLE = """
:root {
  color-scheme: light dark;
  --ground: light-dark(#faf8f5, #171614);
  --card: light-dark(#ffffff, #23211e);
  --ink: light-dark(#26221d, #ece7e0);
  --quiet: light-dark(#6a6258, #aca397);
  --line: light-dark(#e6e0d8, #3a3631);
  --accent: light-dark(#a8322a, #f08a7e);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
main { max-width: 90rem; margin: 0 auto; padding: 1rem clamp(0.75rem, 3vw, 2.5rem) 5rem; }
h1 { margin: 0; font-size: 1.4rem; }
h2 { font-size: 1.1rem; }
a { color: inherit; }
.quiet, small { color: var(--quiet); }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); gap: 1rem; margin: 1rem 0 2rem; }
figure { margin: 0; padding: 0.8rem 1rem; border-radius: 1rem; background: var(--card); }
figcaption b { float: right; }
figure svg { display: block; width: 100%; margin: 0.5rem 0 0.2rem; fill: var(--accent); }
figure p { display: flex; justify-content: space-between; margin: 0; font-size: 0.8rem; }
.open { opacity: 0.5; }
.orders { display: flex; flex-wrap: wrap; gap: 0.4rem; margin: 0 0 1rem; }
.orders label {
  padding: 0.25rem 0.9rem;
  border: 1px solid var(--line);
  border-radius: 99px;
  background: var(--card);
  cursor: pointer;
}
.tables { overflow-x: auto; }
.tables > section { display: none; }
table { width: 100%; border-collapse: collapse; background: var(--card); font-variant-numeric: tabular-nums; }
th, td { padding: 0.4rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child { max-width: 32rem; text-align: left; overflow-wrap: anywhere; }
tbody th { font-weight: normal; }
thead label { cursor: pointer; }
[aria-sort] { color: var(--accent); }
[aria-sort="descending"] label::after { content: " ↓"; }
[aria-sort="ascending"] label::after { content: " ↑"; }
small { display: block; font-size: 0.85rem; }
.days { display: block; width: 120px; height: 24px; margin-left: auto; fill: var(--accent); }
li { overflow-wrap: anywhere; }
"""
