"""What stored files add to the house."""

from songbai.core.audit.registry import read_field
from songbai.core.following import empties, follows

from .models import StoredFile

read_field("proof", "证明材料")

follows(StoredFile, merge="carried", death="stays", move="stays", erasure=empties())
