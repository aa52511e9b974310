"""Both phones of a transfer, and an old claim of the giver, arrive at one moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from betang.distribution.models import Lease, Transfer
from betang.sync.models import Decision, FieldEvent
from sandbox.phones.phone import Phone
from sandbox.phones.transfer import give, offer, take
from tests.conftest import PATIENCE_S
from tests.sync.books import assert_whole
from tests.sync.world import World

ROUNDS = 6


@pytest.mark.django_db(transaction=True)
def test_two_phones_that_tell_of_one_transfer_at_once_move_it_once(world: World):
    giver, taker = world.leased(), world.confirmed()
    taker.fetch()
    for place in range(ROUNDS):
        rights = sorted(giver.rights)[:2]
        claimed = giver.rights[rights[1]]
        asked = offer(taker)
        if place % 2:  # a claim that locks one of the rights before the transfer does
            giver.deliver(rights[1])
        take(taker, give(giver, asked, rights), asked)
        taker.deliver(rights[0])
        giver.rights[rights[0]] = claimed  # its app was altered
        giver.deliver(rights[0])
        del giver.rights[rights[0]]
        both = Barrier(2)

        def tell(phone: Phone, both: Barrier = both) -> None:
            try:
                phone.ping()
                both.wait(PATIENCE_S)
                phone.push()
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as threads:
            list(threads.map(tell, (giver, taker)))

    assert Transfer.objects.count() == ROUNDS
    assert not Transfer.objects.filter(giver_heard_at=None).exists()
    assert not Transfer.objects.filter(receiver_heard_at=None).exists()
    assert Lease.objects.filter(device=world.device(taker)).count() == ROUNDS
    assert not FieldEvent.objects.exclude(state="applied").exists()
    assert Decision.objects.count() == FieldEvent.objects.count()
    assert_whole()
