"""One example for each command, shown at the end of its `--help`.

They stand together because they tell one story: the same people, the same list, the same cycle. A
test asks that each command has one, and that the command understands it.
"""

from collections.abc import Iterator

import click

_UUID = "01a20c9f-0fc6-7667-8fa8-9f7db1f46fbc"

#: Command -> the words after `betang <command>`.
EXAMPLES = {
    "areas boundaries": "batas-desa.geojson",
    "areas confirm": "6201010001 6201011001 --by budi",
    "areas load": "",
    "cards balance": "--json",
    "cards block": "62718033989201 --reason lost --by wati",
    "cards bureau approve": f"{_UUID} --by wati",
    "cards bureau end": f"{_UUID} --by budi",
    "cards bureau list": "",
    "cards bureau propose": "age1qqqkunci --name 'PT Kartu' --by budi",
    "cards count": f"{_UUID} --counted 119 --missing 62718033989201 --reason not_packed --by wati",
    "cards designs check": "rumah-panjang-1",
    "cards designs export": "rumah-panjang-1 --to rancangan.json",
    "cards designs import": "rancangan.json --name rumah-panjang --by budi",
    "cards designs list": "--json",
    "cards entrust": f"{_UUID} --area 6201011001 --by budi",
    "cards find": "62718033989201 --into 6201 --by wati",
    "cards hand-over": "62718033989201 --by budi",
    "cards issue": "--area 6201 --by budi",
    "cards list": "--json",
    "cards personalise confirm": f"{_UUID} --by wati",
    "cards personalise finish": f"{_UUID} --by budi",
    "cards personalise give-up": "62718033989201 --reason 'kartu patah' --by wati",
    "cards personalise readers": "",
    "cards personalise run": f"{_UUID} --reader ACR122 --by budi",
    "cards personalise start": "62718033989201 --by budi",
    "cards print": "--area 6201 --limit 500 --by budi",
    "cards recall": f"{_UUID} --by budi",
    "cards receive": "--area 6201 --by budi",
    "cards reissue": "--key 1 --area 6201 --by budi",
    "cards reissue-confirm": f"{_UUID} --by wati",
    "cards replace": "62718033989201 --by wati",
    "cards return": "62718033989201 --reason moved --into 6201 --by wati",
    "cards revocations": "--by wati",
    "cards run cancel": f"{_UUID} --reason 'salah wilayah' --by budi",
    "cards run check": f"{_UUID} --all --by budi",
    "cards run chips": f"{_UUID} cip.csv --by budi",
    "cards run close": f"{_UUID} --reason 'hilang di biro' --by wati",
    "cards run draw": f"{_UUID} --by budi",
    "cards run freeze": "--area 6201 --by budi",
    "cards run list": "",
    "cards run release": f"{_UUID} --bureau {_UUID} --by wati",
    "cards run return": f"{_UUID} kembali.csv --by budi",
    "cards run show": _UUID,
    "cards send": "--to 6201 --by budi",
    "cards settle": f"{_UUID} 62718033989201 --lost --by wati",
    "cards spoil": "62718033989201 --reason torn --by wati",
    "cards take-back": f"{_UUID} --into 6201 --by wati",
    "cards take-over": "kartu-lama.csv --by budi",
    "cards transfers": "--json",
    "cards upgrade": "--area 6201 --by budi",
    "database migrate": "",
    "database start": "",
    "database status": "--json",
    "database stop": "",
    "demo": "--families 2000 --no-serve --json",
    "devices code": "sari --by agus",
    "devices confirm": "7K3M9QXA --words 'enam kata dari layar HP itu' --area 6201 --by agus",
    "devices gap": "7K3M9QXA --reason 'HP tercebur di sungai' --second wati --by agus",
    "devices list": "--state active",
    "devices refuse": "7K3M9QXA branch --reason 'HP-nya tersalin' --second wati --by agus",
    "devices reinstate": "7K3M9QXA --by agus",
    "devices release": "7K3M9QXA --reason 'dicocokkan dengan petugas' --second wati --by agus",
    "devices retry": "--by agus",
    "devices reverse": "7K3M9QXA --reason 'salinannya mengirim lebih dulu' --second wati --by agus",
    "devices revoke": "7K3M9QXA --reason 'hilang di perjalanan' --by agus",
    "devices suspend": "7K3M9QXA --reason 'belum kembali dari lapangan' --by agus",
    "devices wipe": "7K3M9QXA --reason 'tertinggal di perahu' --by agus",
    "distribution days": "202601 --area 6201 --from 2026-11-30 --by wati",
    "distribution lease": "7K3M9QXA 202601 --area 6201011001 --days 7 --by wati",
    "distribution open": "202601 --by budi",
    "distribution override": f"{_UUID} --reason 'HP rusak berat' --second wati --by agus",
    "distribution points": "titik.csv --by wati",
    "distribution revoke": f"{_UUID} --reason 'petugas diganti' --by wati",
    "distribution sign-anew": "--by admin",
    "distribution tally": "202601 --json",
    "doctor": "",
    "documents": "",
    "eligibility approve": "SK-1 --by wati",
    "eligibility assess": "--by budi",
    "eligibility compare": "--by budi",
    "eligibility explain": "7180339892 --by budi",
    "eligibility propose": "--area 62 --number SK-1 --by budi",
    "grievances assign": f"{_UUID} --to wati --by budi",
    "grievances confirm": f"{_UUID} --by budi",
    "grievances list": "--all",
    "grievances note": f"{_UUID} --text 'Ibu RT membenarkan' --by wati",
    "grievances resolve": f"{_UUID} upheld --reason 'kedua bukti diperiksa' --by wati",
    "grievances return": f"{_UUID} --reason 'fotonya belum dilihat' --by budi",
    "intake accept": f"{_UUID} --by wati",
    "intake exclusions": "pkh.csv --programme PKH --period 2026-T1 --by budi",
    "intake list": "",
    "intake reject": f"{_UUID} --by budi",
    "intake report": f"{_UUID} --csv temuan.csv",
    "intake stage": "dtsen.xlsx --codes bps --by budi",
    "journal checkpoint": "segel-2026-11-24.cbor",
    "journal verify": "segel-2026-11-24.cbor",
    "keys approve": f"{_UUID} --by wati",
    "keys ceremony": "--custodian Sari --custodian Tono --threshold 2 --witness wati --by budi",
    "keys init": "",
    "keys open": "",
    "keys revoke": "4 --by wati",
    "keys ring": "",
    "keys rotate": "card --by budi",
    "keys status": "",
    "ledger balances": "",
    "ledger check": "--json",
    "manage": "showmigrations",
    "monitoring alerts": "--json",
    "monitoring figures": "",
    "monitoring look": "",
    "payments accounts": "--request minta.csv --by budi",
    "payments approve": f"{_UUID} --by tuti",
    "payments prepare": "202601 --by budi",
    "payments reconcile": "--days 7 --by budi",
    "payments send": "--every 30 --by tuti",
    "programmes create": "--by budi",
    "programmes plan": "202601 --name 'Tahap I' --opens 2026-11-01 --closes 2026-12-31 --by budi",
    "programmes rules approve": f"{_UUID} --by wati",
    "programmes rules check": "aturan.txt",
    "programmes rules facts": "",
    "programmes rules list": "",
    "programmes rules propose": "aturan.txt --by budi",
    "registry check": "--json",
    "registry count": "",
    "serve": "--host 127.0.0.1",
    "users approve": "wati supervisor --by budi",
    "users create": "wati --name 'Wati Lestari' --phone '0812 3456 7890'",
    "users found": "agus budi",
    "users propose": "wati supervisor --area 6201 --by agus",
}


def with_examples(command: click.Command, path: str) -> click.Command:
    """Put the example of a command, and of those below it, at the end of its help."""
    for where, leaf in leaves(command, path):
        if where in EXAMPLES:
            leaf.epilog = f"Contoh:  betang {where} {EXAMPLES[where]}".rstrip()
    return command


def leaves(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Give every command that does something, with its path."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        if below is not None:
            yield from leaves(below, f"{path} {name}".strip())
