"""What the log of events adds to the house."""

from songbai.core.following import follows

from .models import Event

follows(Event, merge="together", death="stays", move="stays", erasure="kept")
