"""What happened: one row per act, written in the act's own transaction, never changed.

History pages, live pages and later rooms derive from it. ``publish`` writes the row, wakes live
pages (NOTIFY) and enqueues the subscribers' jobs; all three become visible with the commit or not
at all.
"""
