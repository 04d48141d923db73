"""Twilio: everything that speaks Twilio's words lives here and nowhere else (HOUSE rule 2)."""
