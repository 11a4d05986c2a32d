"""Write the data dictionary of all checked-in tables: python studies/columns.py"""

from pathlib import Path

from dictionary.tables import dictionary

OUT = Path("results/columns.md")

if __name__ == "__main__":
    OUT.write_text(dictionary())
