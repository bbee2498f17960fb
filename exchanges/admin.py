"""Staff: find a link, see what was asked and answered, start a check, switch an exchange off. No secret and no way to one."""
import re

from django.contrib import admin, messages
from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest

from exchanges import actions
from exchanges.models import Call, Event, Exchange, Link, Validation

REFERENCE = re.compile(r"(?:ST-)?([0-9A-F]{4})-?([0-9A-F]{4})", re.IGNORECASE)
ROWS_SHOWN = 20


class ReadOnly:
    """Nothing is added, changed or deleted by hand: history stays, and states come from what the exchange said."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class HistoryInline(ReadOnly, admin.TabularInline):
    extra = 0
    can_delete = False
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """The newest rows of the one link that is shown; the rest is on the person's own pages and in the database."""
        link_id = request.resolver_match.kwargs.get("object_id")
        rows = super().get_queryset(request)
        newest = rows.filter(link_id=link_id).values_list("pk", flat=True)[:ROWS_SHOWN] if link_id else []
        return rows.filter(pk__in=list(newest))


class ValidationInline(HistoryInline):
    model = Validation
    fields = readonly_fields = ("started_at", "finished_at", "trigger", "status", "reason", "key", "walked")

    @admin.display(description="steps")
    def walked(self, validation: Validation) -> str:
        return ", ".join(f"{step['step']} {step['state']}" for step in validation.steps)


class CallInline(HistoryInline):
    model = Call
    fields = readonly_fields = ("at", "endpoint", "purpose", "outcome", "code", "ms", "key")


class EventInline(HistoryInline):
    model = Event
    fields = readonly_fields = ("at", "actor", "cause", "from_status", "to_status", "reason")


@admin.register(Exchange)
class ExchangeAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "is_open")
    list_editable = ("is_open",)
    readonly_fields = ("name", "slug")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Link)
class LinkAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("reference", "user", "exchange", "label", "status", "reason", "checked_at", "next_check_at", "created_at")
    list_display_links = ("reference",)
    list_filter = ("status", "reason", "exchange", "candidate")
    list_select_related = ("user", "exchange")
    search_fields = ("user__email", "label", "exchange__name", "status", "reason")
    search_help_text = "E-mail, label, exchange, status, reason, or a reference such as ST-4F0E-9A36"
    fields = (
        "reference", "id", "user", "exchange", "region", "label", "status", "reason", "notices", "candidate",
        "candidate_reason", "key", "granted", "trigger", "next_check_at", "checked_at", "failures", "failing_since",
        "lease_until", "version", "created_at")
    inlines = (ValidationInline, CallInline, EventInline)
    actions = ("start_validation",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return self.fields

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        reference = REFERENCE.fullmatch(search_term.strip())
        if reference is None:
            return super().get_search_results(request, queryset, search_term)
        first, second = (part.lower() for part in reference.groups())
        texts = queryset.annotate(id_text=Cast("id", CharField()))
        # PostgreSQL writes a UUID with hyphens, SQLite keeps it without.
        return texts.filter(Q(id_text__icontains=f"-{first}-{second}-") | Q(id_text__icontains=f"{first}{second}")), False

    @admin.display(description="permissions the exchange reported")
    def granted(self, link: Link) -> str:
        if link.key is None or link.key.permissions is None:
            return "not told"
        return ", ".join(link.key.permissions)

    @admin.action(description="Start a validation", permissions=["view"])
    def start_validation(self, request: HttpRequest, queryset: QuerySet) -> None:
        started = sum(actions.ask(link, actor="staff") for link in queryset.filter(exchange__is_open=True))
        left = queryset.count() - started
        messages.info(request, f"{started} started; {left} left alone (paused, suspended, unlinked, without a key, or exchange off).")
