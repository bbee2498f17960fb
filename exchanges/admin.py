"""Staff: find a link, see what was asked and answered, start a check, stop a key, switch an exchange off. No secret and no way to one."""
import re

from django.contrib import admin, messages
from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest

from exchanges import actions, incident
from exchanges.models import Call, Event, Exchange, Link, Validation
from profiles.admin import ReadOnly

REFERENCE = re.compile(r"(?:ST-)?([0-9A-F]{4})-?([0-9A-F]{4})", re.IGNORECASE)
ROWS_SHOWN = 20


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
    fields = readonly_fields = ("at", "actor", "cause", "from_status", "to_status", "reason", "changes")


@admin.register(Exchange)
class ExchangeAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "is_open")
    list_editable = ("is_open",)
    readonly_fields = ("name", "slug")
    actions = ("begin_incident", "end_incident")

    @admin.action(description="Suspend every key (incident): switches the exchange off", permissions=["change"])
    def begin_incident(self, request: HttpRequest, queryset: QuerySet) -> None:
        for exchange in queryset:
            stopped = incident.begin(exchange, request)
            self.log_change(request, exchange, f"Incident: suspended {stopped} keys.")
            messages.warning(request, f"{exchange}: {stopped} keys suspended, and the exchange is off.")

    @admin.action(description="End the incident: switches the exchange on", permissions=["change"])
    def end_incident(self, request: HttpRequest, queryset: QuerySet) -> None:
        for exchange in queryset:
            lifted = incident.end(exchange, request)
            self.log_change(request, exchange, f"End of the incident: {lifted} keys go on.")
            messages.info(request, f"{exchange}: the exchange is on, and {lifted} keys are checked, one after another.")

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
    actions = ("start_validation", "suspend", "lift")

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
        started = [link for link in queryset.filter(exchange__is_open=True) if actions.ask(link, actor="staff", request=request)]
        for link in started:
            self.log_change(request, link, "Started a validation.")  # which of us it was; its owner reads "our team"
        left = queryset.count() - len(started)
        messages.info(
            request, f"{len(started)} started; {left} left alone (paused, suspended, unlinked, without a key, or exchange off).")

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        """Links have no form, so that the permission to change them means this alone."""
        return request.user.has_perm("exchanges.change_link")

    @admin.action(description="Suspend", permissions=["suspend"])
    def suspend(self, request: HttpRequest, queryset: QuerySet) -> None:
        stopped = [link for link in queryset if actions.suspend(link, "by_staff", request)]
        self._logged(request, queryset, stopped, "Suspended.", "suspended already, or without a key")

    @admin.action(description="Lift the suspension", permissions=["suspend"])
    def lift(self, request: HttpRequest, queryset: QuerySet) -> None:
        lifted = [link for link in queryset if actions.lift(link, request)]
        self._logged(request, queryset, lifted, "Lifted the suspension.", "not suspended by us")

    def _logged(self, request: HttpRequest, queryset: QuerySet, done: list[Link], message: str, why_not: str) -> None:
        for link in done:
            self.log_change(request, link, message)
        messages.info(request, f"{message} {len(done)} done; {queryset.count() - len(done)} left alone ({why_not}).")
