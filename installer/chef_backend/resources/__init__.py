"""Desired state: what a node should have, how it differs from what there is, and the least that changes it.

Roles make resources (`model`); `desired.settle` orders them, `view.look` observes the host,
`plan.make_plan` compares the two without touching anything, `apply.apply` does what the plan says
and leaves a receipt. `show` renders plans for people and for programs.
"""
