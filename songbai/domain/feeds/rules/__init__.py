"""Pure rules of feeds: schemas, cells, rhythm, states."""
