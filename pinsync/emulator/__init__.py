"""Pinterest's API v5 on SQLite, for rehearsals, the demo and the tests. Nothing here reaches beyond this machine."""
