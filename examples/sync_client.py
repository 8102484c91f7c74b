"""The same client without an event loop, for scripts and notebooks."""

from dragoman import SyncClient

with SyncClient() as client:
    reply = client.complete("echo", "One answer in one piece.")
    print(reply.text)

    with client.stream("echo", "And one delta by delta.") as events:
        for text in events.text():
            print(text, end="|")
    print()

    print("known models:", ", ".join(client.models("echo")))
