"""Building the executables: what is built, freezing, checking, packing."""
