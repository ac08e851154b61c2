"""Document D played out: clusters of microcalcifications found and outlined at full resolution."""
