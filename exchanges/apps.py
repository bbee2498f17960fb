from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ExchangesConfig(AppConfig):
    name = "exchanges"
    verbose_name = "Exchanges"

    def ready(self) -> None:
        from exchanges import checks, letters, overview, own_data, receivers, reminders, retention, rotation  # noqa: F401  (checks register themselves)
        from profiles import glance, leaving, outbox, sealed_places, takeout

        post_migrate.connect(receivers.make_exchanges, sender=self)
        glance.sections.append(overview.glance)
        glance.offers.append(overview.offers)
        sealed_places.places.append(rotation.at_rest)
        takeout.sections.extend(own_data.sections)
        leaving.closers.append(own_data.close)
        leaving.erasers.append(own_data.erase)
        outbox.kinds.update(letters.kinds | {"expiring": reminders.kind, "erasing": retention.kind})
