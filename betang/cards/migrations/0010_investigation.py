import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import betang.core.identifiers

CARD_RULES = [
    "tap_twice", "tap_forged", "tap_other_card", "counter_down", "two_places",
    "shown_after_end", "sample",
]
DAY_RULES = ["amber_day", "fast_day", "nfc_changed"]

# What a rule saw is evidence: it is never rewritten. `cards_keep` is of 0002.
KEEP = """
CREATE TRIGGER cards_suspicion_append_only BEFORE UPDATE OR DELETE ON cards_suspicion
    FOR EACH STATEMENT EXECUTE FUNCTION cards_keep();

-- A finding stands: a new look at the card is a new investigation.
CREATE FUNCTION cards_guard_investigation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'closed'
       OR (NEW.card_id, NEW.cause, NEW.opened_at) IS DISTINCT FROM
          (OLD.card_id, OLD.cause, OLD.opened_at) THEN
        RAISE EXCEPTION 'an investigation that was closed stays as it is'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'cards_investigation_final';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER cards_investigation_guard BEFORE UPDATE ON cards_investigation
    FOR EACH ROW EXECUTE FUNCTION cards_guard_investigation();
"""

UNDO = """
DROP TRIGGER cards_investigation_guard ON cards_investigation;
DROP FUNCTION cards_guard_investigation();
DROP TRIGGER cards_suspicion_append_only ON cards_suspicion;
"""


class Migration(migrations.Migration):
    dependencies = [("cards", "0009_tickets")]

    operations = [
        migrations.AddField("presentation", "clock_ahead_s", models.IntegerField(null=True)),
        migrations.AddIndex(
            "presentation",
            models.Index(fields=["device", "heard_at"], name="cards_presented_together"),
        ),
        migrations.CreateModel(
            name="Investigation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=betang.core.identifiers.new_uuid, editable=False, unique=True)),
                ("cause", models.TextField(choices=[("flagged", "Dicurigai sistem"), ("sample", "Contoh acak"), ("asked", "Diminta petugas")])),
                ("state", models.TextField(choices=[("open", "Terbuka"), ("closed", "Selesai")], default="open")),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.UUIDField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by_person", models.UUIDField(null=True)),
                ("finding", models.TextField(choices=[("copied", "Kartu disalin atau ditiru"), ("false_alarm", "Bukan masalah: pemakaian wajar"), ("officer", "Disalahgunakan petugas"), ("unclear", "Tidak dapat dipastikan")], default="")),
                ("sentence_sealed", models.BinaryField(null=True)),
                ("card", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cards.card")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["card"], condition=Q(state="open"), name="cards_investigation_one_open"),
                    models.CheckConstraint(
                        condition=Q(state="open", closed_at__isnull=True, closed_by_person__isnull=True, finding="", sentence_sealed__isnull=True)
                        | Q(state="closed", closed_at__isnull=False, closed_by_person__isnull=False, finding__in=["copied", "false_alarm", "officer", "unclear"], sentence_sealed__isnull=False),
                        name="cards_investigation_closed_whole",
                    ),
                    models.CheckConstraint(condition=Q(cause__in=["flagged", "sample", "asked"]), name="cards_investigation_cause_known"),
                ],
                "indexes": [models.Index(fields=["state", "-opened_at"], name="cards_investigation_newest")],
            },
        ),
        migrations.CreateModel(
            name="Suspicion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=betang.core.identifiers.new_uuid, editable=False, unique=True)),
                ("rule", models.TextField(choices=[
                    ("tap_twice", "Tempelan yang sama dari dua tangan"),
                    ("tap_forged", "Cip palsu"),
                    ("tap_other_card", "Cip dan kode QR dari kartu yang berbeda"),
                    ("counter_down", "Hitungan cip mundur"),
                    ("two_places", "Di dua tempat dalam waktu yang mustahil"),
                    ("shown_after_end", "Ditunjukkan setelah tidak berlaku"),
                    ("amber_day", "Terlalu sering tanpa dua tempelan"),
                    ("fast_day", "Terlalu cepat dari keluarga ke keluarga"),
                    ("nfc_changed", "Kemampuan membaca cip berubah"),
                    ("sample", "Contoh acak penyerahan tanpa cip"),
                ])),
                ("device", models.UUIDField(null=True)),
                ("day", models.DateField(null=True)),
                ("at", models.DateTimeField()),
                ("facts", models.JSONField(default=dict)),
                ("card", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cards.card")),
                ("investigation", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cards.investigation")),
                ("first", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cards.presentation")),
                ("second", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cards.presentation")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(rule__in=CARD_RULES, card__isnull=False, second__isnull=False, day__isnull=True)
                        | Q(rule__in=DAY_RULES, card__isnull=True, device__isnull=False, day__isnull=False),
                        name="cards_suspicion_of_card_or_day",
                    ),
                    models.UniqueConstraint(fields=["rule", "second"], condition=Q(day__isnull=True), name="cards_suspicion_once"),
                    models.UniqueConstraint(fields=["rule", "device", "day"], condition=Q(day__isnull=False), name="cards_suspicion_once_a_day"),
                ],
                "indexes": [models.Index(fields=["device", "-at"], name="cards_suspicion_of_device")],
            },
        ),
        migrations.RunSQL(KEEP, UNDO),
    ]
