"""Verbs of duties: last contacts, visits written down and put right, files of a visit, sweeps."""
