"""Services that were made for browsers: a handshake first, then a chat."""
