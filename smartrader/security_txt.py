"""/.well-known/security.txt: where who found a hole writes to (RFC 9116). https://www.rfc-editor.org/rfc/rfc9116 (read 2026-11-22)"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# The RFC wants less than a year; counted from the day, so that all answers of a day are the same.
EXPIRES_DAYS = 180
DAY_S = 24 * 3600


@require_safe
@login_not_required
@cache_control(public=True, max_age=DAY_S)
def security_txt(request: HttpRequest) -> HttpResponse:
    fields = [
        ("Contact", settings.SECURITY_CONTACT),
        ("Expires", f"{timezone.now() + timedelta(days=EXPIRES_DAYS):%Y-%m-%dT00:00:00Z}"),
        ("Preferred-Languages", "es, en"),
    ]
    if settings.PRODUCTION:  # it must be https
        fields.append(("Canonical", settings.SITE_URL + reverse("security_txt")))
    text = "".join(f"{name}: {value}\n" for name, value in fields)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
