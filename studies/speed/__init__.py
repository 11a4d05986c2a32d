"""How long a training step takes here and elsewhere: python studies/speed."""
