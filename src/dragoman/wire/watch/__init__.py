"""Watching bytes on their way: what they say, without decoding each of them."""
