"""Reading from Pinterest what a plan has to know, in the fewest calls."""
