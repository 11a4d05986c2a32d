"""The diary's claims, a function a claim, from checked-in tables: see `studies/claims.py`."""
