"""From a delivered file to rows that can be matched and kept. Nothing here touches a table."""
