"""Measurements of the suite's speed claims, each against a peer in the same run."""
