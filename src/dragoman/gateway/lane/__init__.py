"""The short way through the gateway, for what needs no translation: most of all requests.

    connection   takes a request before it becomes an ASGI scope, if the lane may have it
    lines        what a face, a model and a way to ask come to: made once, looked up afterwards
    passage      one request under way: the caller's connection here, the service's there
    reckoning    what it comes to: tokens, price, health, metrics, the log, the store
    handing      an answer that failed or broke on the way goes on as any other

No task, coroutine or timer belongs to a request here, and nothing of an answer is decoded but what
has to be known of it. Whatever is unusual goes the ordinary way, from the first byte on.
"""
