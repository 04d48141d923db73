"""Who must be contacted by when, and why: pure rules over civil dates (DOMAIN 3.2)."""
