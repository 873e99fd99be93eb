"""pinsync inside GitHub Actions: what a run knows of its pull request, and what it writes there."""
