"""Which meetings and resolutions a unit owes, and the book of those held."""
