"""Who may act in each command: every role tries every act, and the table says who gets through."""

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.utils import timezone

from betang.accounts.models import Device, Role, RoleGrant, User
from betang.cards.models import Card
from betang.cli._examples import leaves
from betang.cli.main import Rooms, main
from betang.core.errors import NotAllowedError
from betang.core.identifiers import new_uuid
from betang.grievances.models import Case
from betang.registry.models import Household
from tests.sync.world import VILLAGES, World, make_world

PROVINCE = {"dinsos_province"}
OFFICE = {"dinsos_province", "dinsos_regency", "supervisor"}
UPLOADERS = {"dinsos_province", "dinsos_regency"}
APPROVERS = {"dinsos_province", "supervisor"}
MACHINES = {"admin", "supervisor"}
PAYERS = {"dinsos_province", "treasurer"}
NOBODY = str(new_uuid())

#: Command -> its words (`{...}` are filled from the world), and the roles that get through.
ACTS: dict[str, tuple[str, set[str]]] = {
    "areas confirm": ("6201011001 62.01.01.1001", UPLOADERS),
    "cards issue": ("", PROVINCE),
    "cards print": ("", PROVINCE),
    "cards personalise start": ("{card}", PROVINCE),
    "cards personalise confirm": (NOBODY, APPROVERS),
    "cards personalise run": (NOBODY, PROVINCE),
    "cards personalise finish": (NOBODY, PROVINCE),
    "cards personalise give-up": ("{card} --reason x", APPROVERS),
    "cards receive": ("", PROVINCE),
    "cards run freeze": ("", PROVINCE),
    "cards run draw": (NOBODY, PROVINCE),
    "cards run check": (NOBODY, PROVINCE),
    "cards run chips": (f"{NOBODY} {{file}}", {"dinsos_province", "bureau"}),
    "cards run release": (f"{NOBODY} --bureau {NOBODY}", APPROVERS),
    "cards run return": (f"{NOBODY} {{file}}", {"dinsos_province", "bureau"}),
    "cards run close": (f"{NOBODY} --reason x", APPROVERS),
    "cards run cancel": (f"{NOBODY} --reason x", PROVINCE),
    "cards bureau propose": ("age1 --name x", PROVINCE),
    "cards bureau approve": (NOBODY, APPROVERS),
    "cards bureau end": (NOBODY, PROVINCE),
    "cards designs import": ("{file} --name rumah-panjang", PROVINCE),
    "cards entrust": ("{device} --area 6201", OFFICE),
    "cards hand-over": ("{card}", OFFICE),
    "cards block": ("{card} --reason lost", OFFICE),
    "cards replace": ("{card}", OFFICE),
    "cards reissue": ("--key 999", PROVINCE),
    "cards reissue-confirm": (NOBODY, APPROVERS),
    "cards revocations": ("", OFFICE),
    "cards spoil": ("{card} --reason torn", OFFICE),
    "cards return": ("{card} --reason moved", OFFICE),
    "cards find": ("{card}", OFFICE),
    "cards take-over": ("{file}", PROVINCE),
    "cards upgrade": ("--area 6201", PROVINCE),
    "cards take-back": ("{device} --into 6201", OFFICE),
    "cards send": ("--to 6201", OFFICE),
    "cards count": (f"{NOBODY} --counted 1", OFFICE),
    "cards recall": (NOBODY, OFFICE),
    "cards settle": (f"{NOBODY} 62718033989201 --lost", OFFICE),
    "devices code": ("sari", MACHINES),
    "devices confirm": ("{short_id} --words a --area 6201", MACHINES),
    "devices suspend": ("{short_id} --reason x", MACHINES),
    "devices reinstate": ("{short_id}", MACHINES),
    "devices revoke": ("{short_id} --reason x", MACHINES),
    "devices wipe": ("{short_id} --reason x", MACHINES),
    "devices gap": ("{short_id} --reason x --second {who} --yes", MACHINES),
    "devices release": ("{short_id} --reason x --second {who} --yes", MACHINES),
    "devices refuse": ("{short_id} waiting --reason x --second {who} --yes", MACHINES),
    "devices reverse": ("{short_id} --reason x --second {who} --yes", MACHINES),
    "devices retry": ("", MACHINES),
    "distribution open": ("202601", PROVINCE),
    "distribution days": ("202601 --from 2099-01-01", OFFICE),
    "distribution points": ("{file}", OFFICE),
    "distribution lease": ("{short_id} 202601", MACHINES),
    "distribution revoke": (f"{NOBODY} --reason x", MACHINES),
    "distribution sign-anew": ("", MACHINES),
    "distribution override": ("{right} --reason x --second {who} --yes", MACHINES),
    "eligibility assess": ("", PROVINCE),
    "eligibility explain": ("{household}", OFFICE | {"facilitator", "auditor"}),
    "eligibility compare": ("", OFFICE | {"auditor"}),
    "eligibility propose": ("", PROVINCE),
    "eligibility approve": ("SK-1", APPROVERS),
    "grievances assign": ("{case} --to {who}", OFFICE),
    "grievances note": ("{case} --text x", OFFICE),
    "grievances resolve": ("{case} dismissed --reason x", OFFICE),
    "grievances confirm": ("{case} --yes", OFFICE),
    "grievances return": ("{case} --reason x", OFFICE),
    "intake stage": ("{file}", UPLOADERS),
    "intake exclusions": ("{file} --programme PKH", UPLOADERS),
    "intake accept": (NOBODY, OFFICE),
    "intake reject": (NOBODY, UPLOADERS),
    "keys rotate": ("list", APPROVERS),
    "keys approve": (NOBODY, APPROVERS),
    "keys ceremony": ("--custodian a --custodian b --threshold 2 --witness {who}", APPROVERS),
    "keys revoke": ("999 --yes", APPROVERS),
    "payments accounts": ("", PAYERS),
    "payments prepare": ("202601", PAYERS),
    "payments approve": (NOBODY, {"treasurer"}),
    "payments send": ("", {"treasurer"}),
    "payments reconcile": ("", PAYERS | {"auditor"}),
    "programmes create": ("", PROVINCE),
    "programmes plan": ("202602 --name x --opens 2026-01-01 --closes 2026-02-01", PROVINCE),
    "programmes rules propose": ("", PROVINCE),
    "programmes rules approve": (NOBODY, APPROVERS),
    "users propose": ("sari viewer", {"admin", *APPROVERS}),
    "users approve": ("sari viewer", APPROVERS),
}
#: These look the thing up first, to know in which area to ask: there is none here.
UNKNOWN_FIRST = {
    "intake accept",
    "intake reject",
    "distribution revoke",
    "eligibility approve",
    "cards count",
    "cards recall",
    "cards settle",
}

#: Acts about something in one regency, which a role in the next does not reach.
LOCAL = (
    "cards hand-over", "cards block", "cards replace", "cards entrust", "cards take-back",
    "cards spoil", "cards return", "cards find",
    "devices suspend",
    "devices revoke", "devices gap", "devices release", "devices refuse", "devices reverse",
    "distribution lease", "distribution override", "eligibility explain", "grievances assign",
    "grievances note", "grievances resolve", "grievances confirm", "grievances return",
)  # fmt: skip


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    """A phone with a lease, a contested delivery with its case, a card."""
    made = make_world(budi, wati)
    phone, other = made.leased(areas=(6201,)), made.confirmed(areas=(6201,))
    other.deliver(made.rights(VILLAGES[0])[0])
    other.push()
    assert phone
    return made


@pytest.fixture
def words(world, tmp_path) -> dict[str, str]:
    """What the commands are about."""
    household = Household.objects.filter(village_id=VILLAGES[0])[0]
    card = Card.objects.create(
        number=f"62{household.number}01", household=household, issue=1, village_id=VILLAGES[0],
        state="ordered", qr="", issued_at=world.at, expires_on="2036-01-01",
    )  # fmt: skip
    empty = tmp_path / "daftar.csv"
    empty.write_bytes(b"")
    device = Device.objects.order_by("pk")[0]
    return {
        "device": str(device.uuid), "short_id": device.short_id, "card": card.number,
        "household": household.number, "case": str(Case.objects.get().uuid), "file": str(empty),
        "right": world.rights(VILLAGES[0])[0],
    }  # fmt: skip


def account(role: str, area: int | None, world: World) -> str:
    """Make an account that holds one role, and give its name."""
    name = f"{role}.{area or 'provinsi'}"
    user = User.objects.create(username=name, full_name=name, password="!")
    RoleGrant.objects.create(
        user=user, role=role, area_id=area, from_at=timezone.now(),
        proposed_by_person=world.actor.person, approved_by_person=world.second.person,
    )  # fmt: skip
    return name


def refused(path: str, who: str, words: dict[str, str]) -> bool:
    """Say whether the command was refused for want of authority; whatever else is let through.

    What it did is undone, so that the next role finds the same world.
    """
    told = ACTS[path][0].format(**words, who=who).split()
    with transaction.atomic():
        result = CliRunner().invoke(main, [*path.split(), *told, "--by", who, "--json"])
        transaction.set_rollback(True)
    assert result.exit_code != 2, result.output
    return NotAllowedError.code in result.stderr


class TestEveryAct:
    def test_is_in_this_table(self):
        asking = {
            path
            for path, command in leaves(main)
            if any(param.name == "username" and "--by" in param.opts for param in command.params)
        }

        assert isinstance(main, Rooms)
        assert asking == set(ACTS)

    def test_lets_through_those_whose_it_is_and_no_other(self, world, words):
        names = {role: account(role, None, world) for role in Role.values}

        through = {
            path: {role for role, name in names.items() if not refused(path, name, words)}
            for path in ACTS
            if path not in UNKNOWN_FIRST
        }

        assert through == {path: ACTS[path][1] for path in through}

    def test_is_refused_to_somebody_who_is_not_there(self, world, words):
        passed = [
            path
            for path in ACTS
            if path not in UNKNOWN_FIRST and not refused(path, "nobody", words)
        ]

        assert passed == []

    def test_about_one_regency_is_done_from_there_and_not_from_another(self, world, words):
        far, near = account("supervisor", 6202, world), account("supervisor", 6201, world)

        assert [path for path in LOCAL if not refused(path, far, words)] == []
        assert [path for path in LOCAL if refused(path, near, words)] == []
