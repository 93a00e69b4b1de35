"""What an action begins and ends with: who acts, whether they may, and what is told of it."""

from songbai.core.accounts.queries import of_district, require, require_district
from songbai.core.accounts.rules import SYSTEM, Actor, Reach, may, system_only
from songbai.core.events.actions import on, publish, wake
