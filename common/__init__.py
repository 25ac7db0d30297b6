"""What two or more tools share; each module has one responsibility."""
