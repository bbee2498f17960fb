"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """`egress_ips`: the addresses people allow-list."""
    return {"egress_ips": settings.EGRESS_IPS}
