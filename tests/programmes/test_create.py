"""A programme is set up once, with benefits that can exist."""

import pytest
from django.db import IntegrityError, transaction

from betang.journal.models import Entry
from betang.programmes.create import (
    BenefitForm,
    ProgrammeExistsError,
    ProgrammeFormError,
    create_programme,
)
from betang.programmes.models import Benefit, Programme

pytestmark = pytest.mark.django_db


class TestAProgramme:
    def test_is_refused_a_second_time(self, budi, noon):
        create_programme(actor=budi, at=noon)

        with pytest.raises(ProgrammeExistsError):
            create_programme(actor=budi, at=noon)

        assert Entry.objects.filter(kind="programme.created").count() == 1

    @pytest.mark.parametrize(
        "given",
        [
            {"code": "khbs"},
            {"code": "K"},
            {"code": "K'; DROP TABLE x"},
            {"benefits": ()},
            {"benefits": (BenefitForm("cash", "Tunai", "bank", 0),)},
            {"benefits": (BenefitForm("cash", "Tunai", "pos", 1),)},
            {"benefits": (BenefitForm("cash", "Tunai", "bank", 1, ({"item": "beras"},)),)},
            {"benefits": (BenefitForm("a", "A", "bank", 1), BenefitForm("a", "A", "hand", 1))},
        ],
    )
    def test_is_refused_when_it_could_not_exist(self, budi, noon, given):
        with pytest.raises(ProgrammeFormError):
            create_programme(actor=budi, at=noon, **given)

        assert not Programme.objects.exists()

    def test_of_the_khbs_has_cash_by_bank_and_a_parcel_by_hand(self, budi, noon):
        programme = create_programme(actor=budi, at=noon)

        cash, parcel = programme.benefits.order_by("code")
        assert (cash.code, cash.channel, cash.amount_rupiah, cash.goods) == (
            "cash", "bank", 250_000, [],
        )  # fmt: skip
        assert (parcel.code, parcel.channel, parcel.amount_rupiah) == ("parcel", "hand", 150_000)
        assert [(each["item"], each["quantity"], each["unit"]) for each in parcel.goods] == [
            ("beras", 5, "kg"),
            ("minyak goreng", 1, "liter"),
            ("gula", 1, "kg"),
        ]
        assert not programme.tap_required


class TestTheDatabase:
    @pytest.mark.parametrize(
        "change",
        [{"amount_rupiah": 0}, {"channel": "pos"}, {"channel": "bank"}, {"code": "cash"}],
    )
    def test_refuses_a_benefit_that_cannot_be(self, budi, noon, change):
        programme = create_programme(actor=budi, at=noon)

        with pytest.raises(IntegrityError), transaction.atomic():
            Benefit.objects.filter(programme=programme, code="parcel").update(**change)
