"""A carrier of its own: speaks Twilio's REST protocol (2010-04-01) and calls our webhooks back, signed.

It imports nothing of the product; the real client runs against it unmodified. Rehearsal, training, tests and load
all use it. Start at `core.Simulator`; drive it in-process with `inprocess`, over HTTP with `server`.
"""
