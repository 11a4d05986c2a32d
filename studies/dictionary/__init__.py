"""What every column means of every table that is checked in: those of studies, and all together."""
