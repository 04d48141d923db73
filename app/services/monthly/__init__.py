"""Reports of the month go up, come back with a reason, and end with the closing of the month."""
