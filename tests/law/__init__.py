"""The law of the dialects: what a server half says, its client half hears, and back."""
