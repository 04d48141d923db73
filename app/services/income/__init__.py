"""Income sheets: reckoning, keeping, and reckoning again from what was kept."""
