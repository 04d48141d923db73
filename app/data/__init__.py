"""Data files that ship with the product; see NOTICE.md for where each one comes from."""
