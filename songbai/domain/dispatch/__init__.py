"""Dispatch: who goes where when, and why. Row M14.

A day is planned by regret insertion over the caregivers who have the skill, work then, and can be
there in time; the database forbids two overlapping assignments of one caregiver.
"""
