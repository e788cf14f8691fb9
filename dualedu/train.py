"""The command `python -m dualedu.train`, as it was first called: see `dualedu.training`."""

from dualedu.training.__main__ import main

if __name__ == "__main__":
    raise SystemExit(main())
