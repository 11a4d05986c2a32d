"""Parts of the studies of the diary's claims: their tables, trends and figures."""
