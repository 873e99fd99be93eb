"""A plan as one self-contained HTML page without scripts."""

from __future__ import annotations

from pinsync.planning.plan import Action, Change, Plan
from pinsync.report.escaping import page
from pinsync.report.plans import View
from pinsync.report.plans.words import cost, label, shown_changes, shown_drift, shown_fields, summary, value, verb

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
article { border-left: 4px solid #888; padding: .25rem 1rem; margin: 1rem 0; }
.create { border-color: #2a8a3e; } .update { border-color: #b8860b; } .held, .delete { border-color: #b03060; }
h2 { font-size: 1rem; margin: 0; } h2 small { font-weight: normal; opacity: .7; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .25rem 0; }
dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; } del { opacity: .6; } ins { text-decoration: none; }
"""


def render(plan: Plan, view: View) -> str:
    """The page."""
    title = f"pinsync: {page(view.place)} ({page(view.environment)})"
    diagnostics = "".join(
        f"<li><strong>{one.severity}</strong>: {page(one.message)} {page(one.advice)}</li>" for one in plan.diagnostics
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f"<p><strong>{page(summary(plan))}</strong> {page(cost(plan, view))}</p>\n"
        f"{f'<ul>{diagnostics}</ul>' if diagnostics else ''}\n"
        f"{''.join(_article(change) for change in shown_changes(plan))}</body>\n</html>\n"
    )


def _article(change: Change) -> str:
    title = f" “{page(change.title)}”" if change.title else ""
    was = f"<p>was {page(change.moved_from)}</p>" if change.moved_from else ""
    reason = f"<p>{page(change.reason)}</p>" if change.reason else ""
    rows = "".join(
        f"<dt>{page(label(change.kind, name))}</dt><dd>{_values(change, name)}</dd>" for name in shown_fields(change)
    )
    rows += "".join(
        f"<dt>{page(label(change.kind, name))}, {what}</dt><dd>{page(given)}</dd>"
        for name, values in shown_drift(change).items()
        for what, given in values
    )
    notes = "".join(f"<p><small>{page(note)}</small></p>" for note in change.notes)
    return (
        f'<article class="{change.action.value}"><h2>{verb(change)} {page(change.address)}{title} '
        f"<small>{page(str(change.origin or ''))}</small></h2>{was}{reason}<dl>{rows}</dl>{notes}</article>\n"
    )


def _values(change: Change, name: str) -> str:
    field = change.fields[name]
    after = f"<ins>{page(value(name, field.after))}</ins>"
    if change.action is Action.CREATE or (field.before is None and not change.id):
        return after
    return f"<del>{page(value(name, field.before))}</del> → {after}"
