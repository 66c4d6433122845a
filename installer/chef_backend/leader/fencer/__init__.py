"""A process of its own that ends PostgreSQL in time, also while leaderl is killed, stopped, hung or starved.

It knows nothing but deadlines: `talk` is what is said to it, `serve` its loop, `harden` what keeps it running, and
`keeper` leaderl's end, which starts it.
"""
