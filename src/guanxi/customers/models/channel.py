"""By what one may speak to people, and about what."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    """A way to speak to a person."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    WECHAT = "wechat", _("WeChat")
    PUSH = "push", _("Push")
    PHONE = "phone", pgettext_lazy("message channel", "Phone")


class Purpose(models.TextChoices):
    """What one may speak about."""

    MARKETING = "marketing", _("Marketing")
    SERVICE = "service", _("Service")
    ADS = "ads", _("Ad audiences")
