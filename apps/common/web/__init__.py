"""Middleware, error pages and the few pages outside the API.

Nothing here is part of `/api/` itself, though the middleware validates its requests. Begin with
`request_validation.py`.
"""
