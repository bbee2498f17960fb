from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ExchangesConfig(AppConfig):
    name = "exchanges"
    verbose_name = "Exchanges"

    def ready(self) -> None:
        from exchanges import checks, present, receivers  # noqa: F401  (checks register themselves)
        from profiles import glance

        post_migrate.connect(receivers.make_exchanges, sender=self)
        glance.sections.append(present.glance)
        glance.offers.append(present.offers)
