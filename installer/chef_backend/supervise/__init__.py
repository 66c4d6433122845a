"""The services as runit's supervisor runs them: their states, and orders to them."""
