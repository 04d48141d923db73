"""The month: who reports to whom until when, and what is missing."""
