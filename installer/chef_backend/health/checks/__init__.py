"""What is judged of a node that runs, a module for each part of it: pure functions from what was seen to findings."""
