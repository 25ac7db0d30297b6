"""Entry points that the Makefile and the pipeline call."""
