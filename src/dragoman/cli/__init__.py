"""The command line: a door for people and scripts.

Answers go to standard output and nothing else does. Exit codes: 0 an answer, 1 the provider's
error, 2 wrong usage or configuration, 130 interrupted.
"""
