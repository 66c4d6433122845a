"""The cluster's secrets: their file, how they are made, and who may read what holds them."""
