"""The API and nothing else: what is sent, how fast, and what a failure means."""
