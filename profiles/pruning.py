"""Taking away old rows by the million while the site runs: in batches, each a short transaction of its own."""
from django.db.models import QuerySet

AT_ONCE = 1000


def prune(rows: QuerySet, along: str) -> int:
    """Delete `rows`, in the order of their column `along`, which should have an index; how many went."""
    # The plain manager: that of the activity refuses to delete.
    every, ordered = rows.model._base_manager, rows.order_by(along).values_list("pk", along)
    pruned, last = 0, None
    while batch := list((ordered if last is None else ordered.filter(**{f"{along}__gte": last}))[:AT_ONCE]):
        pruned += every.filter(pk__in=[pk for pk, _place in batch]).delete()[0]
        last = batch[-1][1]  # so that the next look does not walk again past what is gone, or stays
    return pruned
