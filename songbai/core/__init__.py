"""Ground floor: regions, accounts, ledger, audit, events, jobs, live, geo. Knows no elder care."""
