"""Clients made of the OpenAPI document: the tools that lint it and that make them, for the tests."""
