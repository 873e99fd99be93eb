"""The metrics of pins, and how each is summed up over days and pins.

Source of the names: the official API description, parameter query_pin_analytics_metric_types. The rates of clicks are
named as in those of accounts, and computed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pinsync.content.suggesting import nearest
from pinsync.errors import UsageError

DEFAULT = "IMPRESSION,SAVE,PIN_CLICK,OUTBOUND_CLICK"
_EVERY = "ALL"


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is counted a day and added up, unless it is a quotient or a count since the pin was made (``lifetime``).

    A quotient has the product of ``parts`` above and ``per`` below, each summed up before the division; ``is_share`` where it
    is a part of a whole. ``videos`` says that there is such a thing for videos only (True), or for all but videos (False).
    """

    name: str
    label: str
    parts: tuple[str, ...] = ()
    per: str = ""
    is_share: bool = False
    lifetime: bool = False
    videos: bool | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """What has to be asked of Pinterest for it."""
        return tuple(dict.fromkeys((*self.parts, self.per))) if self.per else (self.name,)

    def applies(self, is_video: bool) -> bool:
        """Whether Pinterest counts it of such a pin."""
        return self.videos in (None, is_video)


METRICS = {
    metric.name: metric
    for metric in (
        Metric("IMPRESSION", "impressions"),
        Metric("SAVE", "saves"),
        Metric("PIN_CLICK", "clicks"),
        Metric("OUTBOUND_CLICK", "outbound"),
        Metric("SAVE_RATE", "save rate", ("SAVE",), "IMPRESSION", is_share=True),
        Metric("PIN_CLICK_RATE", "click rate", ("PIN_CLICK",), "IMPRESSION", is_share=True),
        Metric("OUTBOUND_CLICK_RATE", "outbound rate", ("OUTBOUND_CLICK",), "IMPRESSION", is_share=True),
        Metric("TOTAL_COMMENTS", "comments", lifetime=True),
        Metric("TOTAL_REACTIONS", "reactions", lifetime=True),
        Metric("PROFILE_VISIT", "profile visits", videos=False),
        Metric("USER_FOLLOW", "follows", videos=False),
        Metric("VIDEO_MRC_VIEW", "video views", videos=True),
        Metric("VIDEO_START", "video starts", videos=True),
        Metric("VIDEO_10S_VIEW", "views of 10 s", videos=True),
        Metric("QUARTILE_95_PERCENT_VIEW", "views of 95 %", videos=True),
        Metric("VIDEO_V50_WATCH_TIME", "play time", videos=True),
        Metric(
            "VIDEO_AVG_WATCH_TIME",
            "mean play time",
            ("VIDEO_AVG_WATCH_TIME", "VIDEO_START"),
            "VIDEO_START",
            videos=True,
        ),
    )
}


def parse_metrics(text: str) -> tuple[Metric, ...]:
    """The metrics in ``IMPRESSION,SAVE``, in any case, or ``all``. Raises UsageError for all unknown ones at once."""
    names = [name.strip().upper().replace("-", "_").replace(" ", "_") for name in text.split(",") if name.strip()]
    if names == [_EVERY]:
        return tuple(METRICS.values())
    wrong = list(dict.fromkeys(name for name in names if name not in METRICS))
    if wrong or not names:
        guesses = [guess for name in wrong if (guess := nearest(name, METRICS))]
        advice = f"Did you mean {', '.join(dict.fromkeys(guesses))}? " if guesses else ""
        message = f"no metric is called {' or '.join(wrong)}" if wrong else "--metrics names no metric"
        raise UsageError(message, f"{advice}There are {', '.join(METRICS)}, or all.")
    return tuple(METRICS[name] for name in dict.fromkeys(names))


def asked(metrics: Sequence[Metric], is_video: bool) -> tuple[str, ...]:
    """The names to ask of Pinterest for these metrics of such a pin; none where none applies."""
    return tuple(dict.fromkeys(name for metric in metrics if metric.applies(is_video) for name in metric.asked))
