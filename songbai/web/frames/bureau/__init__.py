"""The frame of the bureau's pages."""
