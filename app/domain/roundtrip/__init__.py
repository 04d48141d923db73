"""The national export round trip: what a row of it may turn out to be, and what its words mean. Pure rules."""
