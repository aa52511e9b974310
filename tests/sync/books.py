"""What must hold of rights, tallies and books whatever was decided."""

from django.db.models import Count, F, Sum

from betang.distribution.models import Delivery, Entitlement, VillageTally
from betang.ledger.balance import balance, imbalance
from tests.sync.world import GOODS


def assert_whole() -> None:
    """Assert that no right counts above its amount, and that the books say what was counted."""
    counted = Delivery.objects.filter(counted=True)
    assert not Entitlement.objects.filter(parts_delivered__gt=F("parts_allowed")).exists()
    rights = dict(
        counted.values("entitlement").annotate(n=Count("id")).values_list("entitlement", "n")
    )
    for right in Entitlement.objects.filter(channel="hand"):
        assert right.parts_delivered == rights.get(right.pk, 0)
        assert (right.state == "delivered") == (right.parts_delivered == right.parts_allowed)
    assert imbalance() == []
    for goods in GOODS:
        given = balance(f"beban.{goods['item']}")
        assert given == counted.count() * int(str(goods["quantity"]))
        assert balance(f"persediaan.{goods['item']}") + given == -balance(
            f"pasokan.{goods['item']}"
        )
    tally = VillageTally.objects.aggregate(
        online=Sum("served_online"), offline=Sum("served_offline"), open=Sum("contested")
    )
    assert tally["online"] == counted.filter(online=True).count()
    assert tally["offline"] == counted.filter(online=False).count()
    assert tally["open"] == Delivery.objects.filter(counted=False, decided_as=None).count()
