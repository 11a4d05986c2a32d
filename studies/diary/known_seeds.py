"""Seeds of the diary's own sizes whose fate was known before any rate was counted.

A seed chosen by hand is no sample.
"""

BY_HAND = 42
"""The model seed with which the diary won."""

KNOWN_LOADERS = (0, 8)
"""The loader seeds with which its fate was known."""
