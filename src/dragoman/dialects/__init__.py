"""Request and stream formats, each with a client half and a server half; pure."""
