"""A node made as its configuration says: files first, then services, then a look at what runs."""
