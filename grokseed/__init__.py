"""How much of what a small network learns, and when, is luck of the seed, and which luck."""
