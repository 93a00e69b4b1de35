"""What accounts add to the house."""

from songbai.core.following import follows

from .models import Access

follows(Access, merge="carried", death="stays", move="goes along", erasure="own")
