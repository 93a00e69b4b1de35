"""What the log of readings adds to the house."""

from songbai.core.accounts.registry import act
from songbai.core.following import follows

from .models import Read
from .registry import read_field

READS_OF_ELDER = act("audit.read_of_elder", "看谁查过这位老人")
AUDIT_READ = act("audit.read", "查阅访问记录")

read_field("reads", "谁看过档案")

follows(Read, merge="together", death="stays", move="stays", erasure="kept")
