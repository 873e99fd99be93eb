"""Logging in, and staying so: tokens are obtained, kept, renewed and given up here."""
