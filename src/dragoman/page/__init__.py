"""The web page of the gateway: chat, compare, providers, usage.

A door like the gateway's faces, with an interface of its own below `/page/` that belongs to the
page alone. `app` is all that the gateway knows of it, and imports when a browser comes.
"""
