"""What people see while omnibuild works."""
