"""Who gives care and where: providers, facilities, staff and their shifts. Rows M09, M12, M30."""
