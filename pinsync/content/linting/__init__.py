"""What is right and could be better: rules that can be switched off, or made errors.

A rule is a :class:`~pinsync.content.linting.rule.Rule` in the list of :mod:`pinsync.content.linting.rules`; the schemas,
the configuration and the documentation follow from it.
"""
