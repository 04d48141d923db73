"""Meetings: which are owed, and how a locked record is sealed."""
