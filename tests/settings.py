"""Guanxi's own settings, in a home that this test process shares with nobody and leaves empty behind it."""

import atexit
import os
import shutil
import tempfile

HOME_OF_TESTS = tempfile.mkdtemp(prefix="guanxi-test-")
os.environ["GUANXI_HOME"] = HOME_OF_TESTS
atexit.register(shutil.rmtree, HOME_OF_TESTS, ignore_errors=True)

from guanxi.settings import *  # noqa: E402, F403 - the home has to be known first

PASSWORD_HASHERS = ["tests.hashing.QuickArgon2"]

os.environ["DJANGO_SETTINGS_MODULE"] = "guanxi.settings"  # programs that tests start are the real ones
