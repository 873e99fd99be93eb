"""pinsync: Pinterest boards, sections and pins, declared in YAML, planned, then applied."""

__version__ = "0.1.0"
