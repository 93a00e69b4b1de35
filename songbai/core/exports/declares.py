"""What exports add to the house."""

from __future__ import annotations

from songbai.core.accounts.registry import act

EXPORT = act("export.take", "导出名单")
