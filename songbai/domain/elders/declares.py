"""What the register adds to the house."""

from __future__ import annotations

from songbai.core.following import empties, follows, person

from .models import Conflict, Consent, CurrentFact, Elder, Fact, LegalHold, Proxy

person(Elder)
follows(Elder, merge="record", death="stays", move="goes along", erasure="own")
follows(Consent, merge="together", death="stays", move="goes along", erasure="kept")
follows(LegalHold, merge="together", death="stays", move="goes along", erasure="kept")
follows(Fact, merge="carried", death="stays", move="goes along", erasure=empties("reason"))
follows(CurrentFact, merge="carried", death="stays", move="goes along", erasure="own")
follows(Conflict, merge="carried", death="stays", move="goes along", erasure=empties("reason"))
follows(Proxy, merge="together", death="ends", move="goes along", erasure="own")
