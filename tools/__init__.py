"""One package for each tool; main.py in it is the tool."""
