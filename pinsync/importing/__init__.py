"""What exists to content: boards and pins of an account with their state, and spreadsheets of pins."""
