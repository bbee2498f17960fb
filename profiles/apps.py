from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProfilesConfig(AppConfig):
    name = "profiles"
    verbose_name = _("People")

    def ready(self) -> None:
        from profiles import activity_receivers, freeze, presence, way_back  # noqa: F401, I001  (their receivers register themselves)
        from profiles import leaving, mfa_sealed, outbox, sealed_places

        outbox.kinds["leaving"] = outbox.Kind(leaving.compose_leaving)
        outbox.kinds["left"] = outbox.Kind(leaving.compose_left)
        sealed_places.places.append(mfa_sealed.place)
