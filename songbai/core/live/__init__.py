"""Live pages: PostgreSQL NOTIFY in, server-sent events out. A message never names a person."""
