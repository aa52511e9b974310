"""Writing chips at a station: sessions of two persons, cards in order, every chip that came."""

import betang.core.identifiers
import django.db.models.deletion
from django.db import migrations, models

# A chip stays with its card: another one only after the first was given up, and what was written with
# our keys is never parted from its card. `cards_keep` is of 0002.
RULES = """
CREATE FUNCTION cards_guard_chip() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.chip_uid IS NOT NULL
       AND (OLD.personalised_at IS NOT NULL OR NEW.chip_uid IS NOT NULL) THEN
        RAISE EXCEPTION 'a card keeps its chip'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cards_chip_stays';
    END IF;
    IF EXISTS (SELECT FROM cards_spoiltchip s WHERE s.uid = NEW.chip_uid) THEN
        RAISE EXCEPTION 'a chip that was given up is used no more'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cards_chip_given_up';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cards_card_chip BEFORE UPDATE OF chip_uid ON cards_card FOR EACH ROW
    WHEN (NEW.chip_uid IS DISTINCT FROM OLD.chip_uid) EXECUTE FUNCTION cards_guard_chip();

CREATE FUNCTION cards_guard_chip_visit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'a chip that came to the station is remembered as it was'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cards_chipvisit_final';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cards_chipvisit_guard BEFORE UPDATE OR DELETE ON cards_chipvisit
    FOR EACH ROW EXECUTE FUNCTION cards_guard_chip_visit();
CREATE TRIGGER cards_spoiltchip_append_only BEFORE UPDATE OR DELETE ON cards_spoiltchip
    FOR EACH STATEMENT EXECUTE FUNCTION cards_keep();
"""

UNDO = """
DROP TRIGGER cards_spoiltchip_append_only ON cards_spoiltchip;
DROP TRIGGER cards_chipvisit_guard ON cards_chipvisit;
DROP FUNCTION cards_guard_chip_visit();
DROP TRIGGER cards_card_chip ON cards_card;
DROP FUNCTION cards_guard_chip();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cards', '0007_custody'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChipSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=betang.core.identifiers.new_uuid, editable=False, unique=True)),
                ('key_version', models.SmallIntegerField()),
                ('started_by_person', models.UUIDField()),
                ('started_at', models.DateTimeField()),
                ('confirmed_by_person', models.UUIDField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('print_run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cards.printrun')),
            ],
        ),
        migrations.CreateModel(
            name='ChipTurn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.IntegerField()),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cards.card')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='turns', to='cards.chipsession')),
            ],
        ),
        migrations.CreateModel(
            name='ChipVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.BinaryField(null=True)),
                ('step', models.TextField(default='select')),
                ('result', models.TextField(default='')),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('card', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cards.card')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='cards.chipsession')),
            ],
        ),
        migrations.CreateModel(
            name='SpoiltChip',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.BinaryField(unique=True)),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('by_person', models.UUIDField()),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cards.card')),
            ],
        ),
        migrations.AddConstraint(
            model_name='chipsession',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_by_person__isnull', True), models.Q(('confirmed_by_person', models.F('started_by_person')), _negated=True), _connector='OR'), name='cards_chip_session_two_persons'),
        ),
        migrations.AddConstraint(
            model_name='chipsession',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('confirmed_by_person__isnull', True)), models.Q(('confirmed_at__isnull', False), ('confirmed_by_person__isnull', False)), _connector='OR'), name='cards_chip_session_confirmed'),
        ),
        migrations.AddConstraint(
            model_name='chipturn',
            constraint=models.UniqueConstraint(fields=('session', 'card'), name='cards_chip_turn_once'),
        ),
        migrations.AddConstraint(
            model_name='chipturn',
            constraint=models.UniqueConstraint(fields=('session', 'position'), name='cards_chip_turn_place'),
        ),
        migrations.AddIndex(
            model_name='chipvisit',
            index=models.Index(fields=['uid'], name='cards_chip_visit_uid'),
        ),
        migrations.AddConstraint(
            model_name='chipvisit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('result', '')), models.Q(models.Q(('result', ''), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='cards_chip_visit_ended'),
        ),
        migrations.AddConstraint(
            model_name='spoiltchip',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='cards_spoilt_chip_reason'),
        ),
        migrations.RunSQL(RULES, UNDO),
    ]
