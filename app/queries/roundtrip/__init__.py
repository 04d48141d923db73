"""What the pages and services of the national round trip read."""
