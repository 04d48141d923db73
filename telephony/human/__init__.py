"""Dialling by hand: the attempt appears on the grid worker's phone, who taps, talks and fills in the same questions."""
