"""Folders on a network's filesystem are told by the mounts, and not written."""

import re
from pathlib import Path

import pytest
from commands import everything, small_scan

from grokseed.records import filesystem
from grokseed.records.filesystem import network_filesystem

README = Path(__file__).parents[2] / "README.md"
MOUNTS = r"""
/dev/sda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/home /home nfs4 rw,vers=4.2 0 0
/dev/sdb1 /home/me/scratch xfs rw 0 0
//nas/share /mnt/my\040share cifs rw 0 0
me@far:/data /mnt/far fuse.sshfs rw 0 0
auto /work autofs rw 0 0
fs0 /work gpfs rw 0 0
server:/old /data nfs rw 0 0
/dev/sdc1 /data btrfs rw 0 0
"""


KINDS = {
    "NFS": ("nfs", "nfs4"),
    "CIFS": ("cifs", "smb3"),
    "Lustre": ("lustre",),
    "GPFS": ("gpfs",),
    "BeeGFS": ("beegfs",),
    "Ceph": ("ceph",),
    "GlusterFS": ("fuse.glusterfs",),
    "sshfs": ("fuse.sshfs",),
}
"""README's names of filesystems, and Linux's."""


@pytest.fixture
def mounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    file = tmp_path / "mounts"
    file.write_text(MOUNTS.lstrip())
    monkeypatch.setattr(filesystem, "MOUNTS", file)
    return file


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/elsewhere/results", None),
        ("/home", "nfs4"),
        ("/home/me/results/that/are/not/there", "nfs4"),
        ("/homeless", None),
        ("/home/me/scratch/results", None),
        ("/home/me/scratch/../results", "nfs4"),
        ("/mnt/my share/results", "cifs"),
        ("/mnt/far/results", "fuse.sshfs"),
        ("/work/results", "gpfs"),
        ("/data/results", None),
    ],
)
def test_a_folder_lies_on_the_last_of_the_deepest_mounts(mounts, folder: str, kind: str | None):
    assert network_filesystem(Path(folder)) == kind


@pytest.mark.parametrize("kind", sum(KINDS.values(), ()))
def test_every_filesystem_of_the_readme_is_a_networks(mounts: Path, kind: str):
    mounts.write_text(f"{MOUNTS.lstrip()}far /far {kind} rw 0 0\n")
    assert network_filesystem(Path("/far/results")) == kind


def test_the_readme_names_these_filesystems():
    named = re.search(r"an `--out` on (.*?) is refused", README.read_text(), re.DOTALL)
    assert named
    assert re.split(r",\s+|\s+or\s+", named[1]) == [*KINDS]


def test_a_link_lies_where_it_leads(mounts: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to("/home/me")
    assert network_filesystem(tmp_path / "link" / "results") == "nfs4"


def test_a_system_that_lists_no_mounts_has_none(mounts: Path):
    mounts.unlink()
    assert network_filesystem(Path("/home")) is None


def test_a_scan_onto_a_network_is_one_line(
    mounts: Path, made_up_training, tmp_path: Path, capsys: pytest.CaptureFixture
):
    place = tmp_path / "far"
    place.mkdir()
    mounts.write_text(f"{MOUNTS.lstrip()}server:/far {place} nfs rw 0 0\n")
    assert small_scan(f"--out={place / 'results'}") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("with grokseed.merge")
    assert "SQLite may lose runs on nfs, a network's filesystem: give a local --out" in line
    assert everything(place) == {}
    assert small_scan(f"--out={tmp_path / 'near'}") == 0
