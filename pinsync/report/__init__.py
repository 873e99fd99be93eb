"""Plans, results and problems for people and for programs. Nothing in front of here knows how it is shown."""
