"""boto3 without its resource models, which no tool uses."""
