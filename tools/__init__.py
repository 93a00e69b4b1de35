"""What only the repository needs, beside checks: pages of ``docs`` that are written by program."""
