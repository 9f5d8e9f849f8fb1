"""Fail where a model changed and no migration says so: `python -m tests.migrations`."""

import django
from django.core.management import call_command

import tests.settings  # noqa: F401 - makes a home of its own and names Guanxi's settings

if __name__ == "__main__":
    django.setup()
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)
