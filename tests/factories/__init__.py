"""Small worlds for tests. Every function adds to the given session and flushes; none commits."""
