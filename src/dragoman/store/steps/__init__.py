"""The steps of the schema, one a file; a step that was released never changes."""
