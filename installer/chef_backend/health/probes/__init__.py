"""What is looked at on a host, a module for each part of it: a pure function from what was read to findings."""
