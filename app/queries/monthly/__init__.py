"""What a month brought, who reported it, and what is missing."""
