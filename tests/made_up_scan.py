"""A scan as a process of its own, whose runs are made up: python made_up_scan.py TRAIN OPTIONS."""

import sys

if __name__ == "__main__":
    import made_up

    from grokseed import scan
    from grokseed.execution import scanner

    scanner.train = getattr(made_up, sys.argv[1])
    sys.exit(scan.main(sys.argv[2:]))
