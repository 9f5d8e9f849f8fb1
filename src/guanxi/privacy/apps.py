"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.privacy"
    label = "privacy"

    def ready(self) -> None:
        """Offer the settings of privacy, and a customer's panel."""
        from guanxi.accounts import trail
        from guanxi.pages import navigation, panels, portable, setup
        from guanxi.privacy import deeds
        from guanxi.privacy.portable import PARTS

        title, text = _("Privacy"), _("The words that ask for consents, what is kept how long, and who was erased.")
        navigation.register(
            navigation.Entry("settings", "privacy", title, "privacy:wordings", "shield-lock", 48, "rules.change")
        )
        setup.register(setup.Card("privacy", "keeping", title, text, "privacy:wordings", "shield-lock", 30))
        panels.register(
            panels.Panel(
                subject="customer", name="privacy", title=title, url_name="privacy:panel", place="facts", order=25,
                height=1, tab="about", permission="customers.view",
            )
        )  # fmt: skip
        trail.register("wording", deeds.WORDING)
        trail.register("retention", deeds.RETENTION)
        self._register_work()
        portable.register(*PARTS)

    def _register_work(self) -> None:
        from django.apps import apps

        from guanxi.core.jobs import periodic
        from guanxi.customers import lifetimes, verbs
        from guanxi.customers.places import nobody
        from guanxi.privacy import by_command, retention, tasks

        lifetimes.register(*retention.offered())
        verbs.register(*by_command.VERBS)
        periodic.every(tasks.SOON, tasks.finish_erasures, offset=20)
        periodic.every(86_400, tasks.keep_to_retention, offset=19 * 3_600)  # three at night in China
        periodic.every(86_400, tasks.finish_erasures_at_night, offset=20 * 3_600)
        periodic.every(3_600, tasks.sweep_copies, offset=600)
        for label, why in NOBODYS.items():
            nobody(why, *apps.get_app_config(label).get_models(include_auto_created=True))
        nobody("forgotten by steps of the erasure itself", *self.get_models())


NOBODYS = {  # contexts below this one that know nobody, or forget by a spot
    "core": "work by numbers of records, never by their words",
    "guard": "the key of each person, which an erasure destroys",
    "accounts": "staff; what the trail says of people is sealed under their keys, answers and sessions have spots",
    "operation": "the machine",
    "shop": "what the shop decided about itself",
    "catalog": "goods",
    "warehouse": "which rows wait for the lake, by their numbers",
    "mfa": "second factors of staff",
    "auth": "groups of staff, unused",
    "contenttypes": "names of tables",
    "sessions": "unused",
    "account": "unused",
}
