"""decimal without its stand-in in Python: its C half imports these by itself."""

hiddenimports = ["_decimal", "numbers"]
