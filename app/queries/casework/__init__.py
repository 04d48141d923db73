"""Cases, as pages and sheets ask for them."""
