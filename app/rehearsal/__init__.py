"""A quarter in virtual time: the real client, callbacks, database and workers' code against the simulated carrier."""
