"""The national export into the register and out again; duplicates made one."""
