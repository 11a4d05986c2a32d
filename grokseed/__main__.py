"""`python -m grokseed scan ...` is `grokseed scan ...`."""

import sys

from grokseed.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
