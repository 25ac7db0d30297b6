"""What the responder answers: one module for each service, data in, bytes out."""
