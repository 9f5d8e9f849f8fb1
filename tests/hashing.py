"""The product's password hash at the least cost it can have: people are hired in most tests, at 0.2 s each."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 with one pass over a few kilobytes; what it wrote is Argon2 to everybody else."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
