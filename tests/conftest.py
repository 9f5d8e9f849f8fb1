"""What every test stands on: a home of its own, a closed network, the cast."""

import os
import tempfile

os.environ["GUANXI_HOME"] = tempfile.mkdtemp(prefix="guanxi-test-")
