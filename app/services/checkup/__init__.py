"""数据体检: looking, findings that open and close by themselves, exceptions, and which rules a county uses."""
