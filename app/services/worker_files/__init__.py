"""What is decided about the people who serve the grid: appointed, checked, trained, evaluated, paid."""
