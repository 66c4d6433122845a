"""leaderl: who of the nodes leads, proven and told to frontends.

`decide` is pure; `observe` reads the world; `act` is the only module that changes it.
"""
