"""Who read whose record, which fields, for what purpose (PIPL art. 51, GB/T 22239 8.1.4.3). M37."""
