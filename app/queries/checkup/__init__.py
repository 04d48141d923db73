"""数据体检: what is wrong with the register, one statement a rule, and what pages read of it."""
