"""Services with an API: a dialect at an address, with a key. Most are one row of `services.py`."""
