"""What Pinterest counts of pins, joined with addresses, boards, sections and campaigns."""
