"""People, as staff see them. An e-mail address is changed by its owner alone, with a code.

What staff do to an account, its owner reads in their activity.
"""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from profiles.activity import note, what
from profiles.freeze import freeze
from profiles.models import Activity, Mail, Profile, User


class ReadOnly:
    """Nothing is added, changed or deleted by hand: history stays."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


class ProfileInline(admin.StackedInline):
    model = Profile
    can_delete = False
    readonly_fields = ("frozen_until", "leaves_at")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    add_form = NewUserForm
    fieldsets = (
        (None, {"fields": ("id", "email", "password")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)
    inlines = (ProfileInline,)
    list_display = ("email", "is_active", "is_staff", "date_joined", "last_login", "leaves_at")
    list_select_related = ("profile",)
    list_filter = ("is_staff", "is_active", ("profile__leaves_at", admin.EmptyFieldListFilter), "groups")
    search_fields = ("email", "profile__name")
    ordering = ("-date_joined",)

    @admin.display(description=_("is deleted at"), ordering="profile__leaves_at")
    def leaves_at(self, user: User) -> datetime | None:
        return user.profile.leaves_at

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Staff are changed by superusers alone: who sets the password of one could become that one."""
        return super().has_change_permission(request, obj) and (request.user.is_superuser or not (obj and obj.is_staff))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        powers = () if request.user.is_superuser else ("is_staff", "is_superuser", "groups", "user_permissions")
        return ("id", "email", "last_login", "date_joined", *powers) if obj else ()

    def log_addition(self, request: HttpRequest, user: User, message: Any) -> Model:
        note(user, "signup", request=request, actor="staff")
        return super().log_addition(request, user, message)

    def log_change(self, request: HttpRequest, user: User, message: Any) -> Model:
        of_password = request.resolver_match.url_name == "auth_user_password_change"
        note(user, "password_changed" if of_password else "account_changed", request=request, actor="staff")
        if of_password:
            freeze(user, "staff_password", request)
        return super().log_change(request, user, message)


@admin.register(Activity)
class ActivityAdmin(ReadOnly, admin.ModelAdmin):
    """Where somebody was is theirs alone to see: no address here."""

    fields = readonly_fields = list_display = ("at", "user", "actor", "cause", "purpose", "said", "device")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    search_help_text = _("E-mail")
    show_full_result_count = False
    actions = None

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return not lookup.startswith("address") and super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("what"))
    def said(self, entry: Activity) -> str:
        return what(entry)


@admin.register(Mail)
class MailAdmin(ReadOnly, admin.ModelAdmin):
    """What was told to whom, and when it went; not what it says."""

    fields = readonly_fields = list_display = ("created_at", "user", "kind", "due_at", "tries", "outcome", "ended_at")
    list_select_related = ("user",)
    list_filter = ("outcome", "kind")
    search_fields = ("user__email",)
    search_help_text = _("E-mail")
    show_full_result_count = False
    actions = None
