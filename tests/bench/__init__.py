"""Instances and measurements of what the solvers are worth; not collected as tests."""
