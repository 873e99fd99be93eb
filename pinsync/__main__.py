"""``python -m pinsync``."""

from pinsync.cli import main

if __name__ == "__main__":
    main()
