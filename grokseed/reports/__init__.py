"""A folder of results: its tables read, its figures drawn, its README written. No torch."""
