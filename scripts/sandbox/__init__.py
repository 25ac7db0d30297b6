"""The embedded deployment: AWS on loopback, without accounts and without containers.

moto's server answers; the modules here add what it lacks (`aws/`), faults on demand (`faults`),
a control interface for tests (`control`) and a small Panther to work on (`seed`).
"""
