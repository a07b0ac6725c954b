"""What proves who somebody is: access and refresh tokens, signed links in mails, hashes of passwords.

Rules of login, sessions and reset are services, their routes are views. Begin with `tokens.py`.
"""
