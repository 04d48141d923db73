"""Meetings are begun, written, locked and put right by addenda; what they resolve is chased until it is struck off."""
