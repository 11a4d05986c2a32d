"""Where folders really are, and which are on a network, where SQLite's write-ahead log is not safe.
No torch."""

from __future__ import annotations

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/mounts")

NETWORK = {
    *("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs"),
    *("lustre", "gpfs", "beegfs", "ceph", "fuse.glusterfs"),
}
"""Filesystems, as Linux names them, that several machines may share.

The log's index is memory that all processes map: "WAL does not work over a network filesystem"
(https://www.sqlite.org/wal.html).
"""


def real(path: Path) -> Path:
    """An absolute path without symbolic links, as far as they lead somewhere.

    For a loop of links `Path.resolve` raises a RuntimeError before Python 3.13.
    """
    return Path(os.path.realpath(path))


def network_filesystem(folder: Path) -> str | None:
    """The kind of network filesystem that a folder is on, or will be on when it is made.

    None for other filesystems, and if the system does not list its mounts as Linux does.
    """
    try:
        lines = MOUNTS.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return None
    folder, found = real(folder), (Path("/"), "")
    for line in lines:
        _, place, kind, *_ = line.split(" ")
        mounted = Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), place))
        # Of two mounts on one place the later hides the earlier.
        if folder.is_relative_to(mounted) and len(mounted.parts) >= len(found[0].parts):
            found = mounted, kind
    return found[1] if found[1] in NETWORK else None
