"""allauth's page for the code of a mail, where it would tell who has an account."""

from allauth.account.adapter import get_adapter
from allauth.account.views import ConfirmEmailVerificationCodeView
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import HttpResponse
from django.utils.decorators import method_decorator


@method_decorator(login_not_required, name="dispatch")
class ConfirmEmailView(ConfirmEmailVerificationCodeView):
    """Who asks for another code makes a mail go out whether there is one or not: sending takes long enough to be noticed."""

    def _resend_form_valid(self, form: BaseForm) -> HttpResponse:
        response = super()._resend_form_valid(form)
        if self._process.user is None:
            get_adapter().send_account_already_exists_mail(self._process.email)
        return response
