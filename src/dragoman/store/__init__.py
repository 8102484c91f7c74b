"""What is kept on disk: usage, keys and conversations, in one database.

`loading` opens it and is all that the rest imports at start: the library behind it is an extra.
"""
