"""Asks whether the links of pins lead somewhere: ``pinsync validate --links``."""
