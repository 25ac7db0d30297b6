"""dateutil without its time zone database: AWS times are UTC."""
