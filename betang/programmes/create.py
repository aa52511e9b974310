"""Set up a programme with its benefits. Amounts and goods are configuration, never code."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError
from betang.journal.record import record
from betang.programmes.models import Benefit, Programme

CODE = re.compile(r"[A-Z][A-Z0-9]{1,19}")


class ProgrammeExistsError(RefusedError):
    """A programme with this code was set up before."""

    code = "programme.exists"
    sentence = "Program {programme} sudah ada."
    do = "Pakai program yang ada, atau pilih kode lain."


class ProgrammeFormError(FieldsError):
    """Something of the programme or a benefit is not possible."""

    code = "programme.form"
    sentence = "Isian program belum benar: kode, jenis penyaluran, nilai, atau barangnya."
    do = (
        "Kode memakai huruf besar dan angka; nilai lebih dari nol; barang hanya untuk bantuan "
        "yang diserahkan langsung; kode jenis bantuan tidak berulang."
    )


@dataclass(frozen=True, slots=True)
class BenefitForm:
    """What a benefit is to be."""

    code: str
    name: str
    channel: str
    amount_rupiah: int
    goods: Sequence[dict[str, Any]] = field(default_factory=tuple)


#: As the press reported it in February 2026 (domain.md 1.3).
KHBS_BENEFITS = (
    BenefitForm("cash", "Bantuan tunai", Benefit.Channel.BANK, 250_000),
    BenefitForm(
        "parcel",
        "Paket pangan",
        Benefit.Channel.HAND,
        150_000,
        (
            {"item": "beras", "quantity": 5, "unit": "kg"},
            {"item": "minyak goreng", "quantity": 1, "unit": "liter"},
            {"item": "gula", "quantity": 1, "unit": "kg"},
        ),
    ),
)


def create_programme(
    *,
    actor: Actor,
    at: datetime,
    code: str = "KHBS",
    name: str = "Kartu Huma Betang Sejahtera",
    card_name: str = "Kartu Huma Betang Sejahtera",
    tap_required: bool = False,
    benefits: Sequence[BenefitForm] = KHBS_BENEFITS,
) -> Programme:
    """Set up a programme and its benefits; without further words, the KHBS.

    Raises `ProgrammeExistsError`, `ProgrammeFormError`.
    """
    if Programme.objects.filter(code=code).exists():
        raise ProgrammeExistsError(field="code", programme=code)
    if not _possible(code, benefits):
        raise ProgrammeFormError
    programme = Programme.objects.create(
        code=code, name=name, card_name=card_name, tap_required=tap_required
    )
    Benefit.objects.bulk_create(
        Benefit(
            programme=programme,
            code=benefit.code,
            name=benefit.name,
            channel=benefit.channel,
            amount_rupiah=benefit.amount_rupiah,
            goods=list(benefit.goods),
        )
        for benefit in benefits
    )
    record(
        "programme.created",
        programme.uuid,
        actor=actor,
        at=at,
        code=programme.code,
        benefits=len(benefits),
    )
    return programme


def _possible(code: str, benefits: Sequence[BenefitForm]) -> bool:
    """Say what the constraints of the tables will say, before they would."""
    codes = [benefit.code for benefit in benefits]
    return bool(
        CODE.fullmatch(code)
        and codes
        and len(set(codes)) == len(codes)
        and all(
            benefit.amount_rupiah > 0
            and benefit.channel in Benefit.Channel.values
            and (benefit.channel == Benefit.Channel.HAND or not benefit.goods)
            for benefit in benefits
        )
    )
