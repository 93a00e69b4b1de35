"""The front doors: one for each kind of person. Reads queries, calls actions, draws pages."""
