"""A tour of the tools on the sandbox that checks every result."""
