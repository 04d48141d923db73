"""台账: what each of the 18 ledgers is called, which columns it has and where it is kept (DOMAIN 3.4)."""
