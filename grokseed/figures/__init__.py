"""Tables in, matplotlib Figures out. Opens no file. No torch."""
