"""What pinsync remembers: which address is which live resource, what was sent, and what is still in doubt."""
