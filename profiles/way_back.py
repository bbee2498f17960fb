"""Who was sent away to set up a second factor is shown the way back to where they were."""
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.conf import settings
from django.contrib import messages
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from profiles.mfa import Kind

PAGE = "way_back"


def remember(request: HttpRequest) -> None:
    """The address of the page, and nothing of what was sent to it."""
    request.session[PAGE] = request.path


@receiver(authenticator_added, dispatch_uid="way_back")
def show(request: HttpRequest, authenticator: Authenticator, **_more: Any) -> None:
    if authenticator.type != Kind.RECOVERY_CODES and (page := request.session.pop(PAGE, None)):
        messages.info(request, _("Your account is protected. Go on where you were: %(url)s") % {"url": settings.SITE_URL + page})
