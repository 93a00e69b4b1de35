"""Dispatch: who goes where when, and why. Row M14.

A day is planned by search (``solver``, asked by ``planner``) into a draft that tells nobody, and
published whole or not at all. The database forbids two overlapping assignments of one caregiver.
"""
