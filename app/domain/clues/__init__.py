"""线索: how it is passed up and down the grid, what each state allows, and within which time (DOMAIN 3.6)."""
