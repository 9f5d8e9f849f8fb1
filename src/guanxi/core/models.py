"""The tables of core, where Django looks for them."""

from guanxi.core.jobs.lease import Lease
from guanxi.core.jobs.models import Job

__all__ = ["Job", "Lease"]
