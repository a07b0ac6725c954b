"""Password hashing: Argon2id at the cost that OWASP asks for."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class ModestArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane (OWASP Password Storage Cheat Sheet).

    Django's own choice, 100 MiB on eight lanes, lets a few logins at once take a gigabyte. What was
    hashed with other costs is verified as it is, and hashed anew at the next login.
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1
