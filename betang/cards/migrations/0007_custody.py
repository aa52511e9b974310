"""Where each card is: places, postings that triggers write, signed transfers; days of hand-over."""

import betang.core.identifiers
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

RULES = """
CREATE FUNCTION cards_place_of(p_kind text, p_area bigint, p_device uuid) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    found_id bigint;
BEGIN
    FOR attempt IN 1..2 LOOP
        IF p_area IS NOT NULL THEN
            SELECT id INTO found_id FROM cards_place WHERE kind = p_kind AND area = p_area;
        ELSIF p_device IS NOT NULL THEN
            SELECT id INTO found_id FROM cards_place
            WHERE kind = p_kind AND area IS NULL AND device = p_device;
        ELSE
            SELECT id INTO found_id FROM cards_place
            WHERE kind = p_kind AND area IS NULL AND device IS NULL AND transfer IS NULL;
        END IF;
        IF found_id IS NOT NULL THEN
            RETURN found_id;
        END IF;
        INSERT INTO cards_place (uuid, kind, area, device)
        VALUES (gen_random_uuid(), p_kind, p_area, p_device)
        ON CONFLICT DO NOTHING RETURNING id INTO found_id;
        IF found_id IS NOT NULL THEN
            RETURN found_id;
        END IF;
    END LOOP;
    RAISE EXCEPTION 'no place %', p_kind;
END $$;

-- An act that says where a card goes is believed; one that only changes the state is given the place
-- that follows from it: what is printed lies at the bureau, what is active is with its family.
CREATE FUNCTION cards_keep_place() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := NULL;
    carried boolean := true;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.grade <> OLD.grade THEN
            RAISE EXCEPTION 'a card is what it was issued as'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cards_card_fixed';
        END IF;
        IF NEW.place_id IS DISTINCT FROM OLD.place_id THEN
            RETURN NEW;
        END IF;
        before := OLD.state;
        carried := NEW.custodian_device IS DISTINCT FROM OLD.custodian_device;
    ELSIF NEW.place_id IS NOT NULL THEN
        RETURN NEW;
    END IF;
    IF NEW.state = 'printed' AND before IS DISTINCT FROM 'printed' THEN
        NEW.place_id := cards_place_of('bureau', NULL, NULL);
    ELSIF NEW.state = 'in_custody' AND (carried OR before IS DISTINCT FROM 'in_custody') THEN
        NEW.place_id := CASE WHEN NEW.custodian_device IS NULL
            THEN cards_place_of('province', NULL, NULL)
            ELSE cards_place_of('device', NULL, NEW.custodian_device) END;
    ELSIF NEW.state = 'active' AND before IS DISTINCT FROM 'active'
          OR TG_OP = 'INSERT' AND NEW.handed_over_at IS NOT NULL THEN
        NEW.place_id := cards_place_of('family', NEW.village_id, NULL);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER cards_card_place_new BEFORE INSERT ON cards_card
    FOR EACH ROW WHEN (NEW.state <> 'ordered') EXECUTE FUNCTION cards_keep_place();
CREATE TRIGGER cards_card_place BEFORE UPDATE OF state, place_id, custodian_device, grade
    ON cards_card FOR EACH ROW EXECUTE FUNCTION cards_keep_place();

-- One posting for each place and state that a statement changed. What came into being is posted
-- against `press` (ours) or `taken_over`, so the postings of a statement always add up to zero.
CREATE FUNCTION cards_post_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cards_posting (place_id, state, amount, at)
    WITH changed AS (
        SELECT place_id, state, grade = 'ours' AS ours, count(*)::int AS n
        FROM new_rows WHERE place_id IS NOT NULL GROUP BY 1, 2, 3
    )
    SELECT place_id, state, sum(n), now() FROM changed GROUP BY 1, 2
    UNION ALL
    SELECT cards_place_of(CASE WHEN ours THEN 'press' ELSE 'taken_over' END, NULL, NULL),
           'printed', -sum(n), now()
    FROM changed GROUP BY ours;
    RETURN NULL;
END $$;

CREATE FUNCTION cards_post_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cards_posting (place_id, state, amount, at)
    WITH changed AS (
        SELECT place_id, state, ours, sum(n)::int AS n FROM (
            SELECT place_id, state, grade = 'ours' AS ours, 1 AS n
            FROM new_rows WHERE place_id IS NOT NULL
            UNION ALL
            SELECT place_id, state, grade = 'ours', -1 FROM old_rows WHERE place_id IS NOT NULL
        ) each GROUP BY 1, 2, 3 HAVING sum(n) <> 0
    )
    SELECT place_id, state, sum(n), now() FROM changed GROUP BY 1, 2 HAVING sum(n) <> 0
    UNION ALL
    SELECT cards_place_of(CASE WHEN ours THEN 'press' ELSE 'taken_over' END, NULL, NULL),
           'printed', -sum(n), now()
    FROM changed GROUP BY ours HAVING sum(n) <> 0;
    RETURN NULL;
END $$;

CREATE FUNCTION cards_post_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cards_posting (place_id, state, amount, at)
    WITH changed AS (
        SELECT place_id, state, grade = 'ours' AS ours, count(*)::int AS n
        FROM old_rows WHERE place_id IS NOT NULL GROUP BY 1, 2, 3
    )
    SELECT place_id, state, -sum(n), now() FROM changed GROUP BY 1, 2
    UNION ALL
    SELECT cards_place_of(CASE WHEN ours THEN 'press' ELSE 'taken_over' END, NULL, NULL),
           'printed', sum(n), now()
    FROM changed GROUP BY ours;
    RETURN NULL;
END $$;

CREATE TRIGGER cards_card_came AFTER INSERT ON cards_card
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION cards_post_came();
CREATE TRIGGER cards_card_moved AFTER UPDATE ON cards_card
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION cards_post_moved();
CREATE TRIGGER cards_card_gone AFTER DELETE ON cards_card
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION cards_post_gone();

CREATE FUNCTION cards_posting_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total bigint;
BEGIN
    SELECT sum(amount) INTO total FROM new_rows;
    IF total <> 0 THEN
        RAISE EXCEPTION 'the book of cards is out of balance by %', total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cards_posting_balances';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER cards_posting_balances AFTER INSERT ON cards_posting
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION cards_posting_check();
CREATE TRIGGER cards_posting_append_only BEFORE UPDATE OR DELETE ON cards_posting
    FOR EACH STATEMENT EXECUTE FUNCTION cards_keep();
CREATE TRIGGER cards_place_append_only BEFORE UPDATE OR DELETE ON cards_place
    FOR EACH STATEMENT EXECUTE FUNCTION cards_keep();
CREATE TRIGGER cards_collection_append_only BEFORE UPDATE ON cards_collection
    FOR EACH STATEMENT EXECUTE FUNCTION cards_keep();
CREATE TRIGGER cards_nothandedover_append_only BEFORE UPDATE OR DELETE ON cards_nothandedover
    FOR EACH STATEMENT EXECUTE FUNCTION cards_keep();
CREATE TRIGGER cards_transfer_stays BEFORE DELETE ON cards_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION cards_keep();

-- What was signed stays as it was signed, on either side.
CREATE FUNCTION cards_guard_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.uuid, NEW.sender_id, NEW.receiver_id, NEW.count, NEW.numbers, NEW.numbers_sha256,
        NEW.sent_at, NEW.sent_by, NEW.sent_by_person, NEW.sent_document, NEW.sent_signature)
       IS DISTINCT FROM
       (OLD.uuid, OLD.sender_id, OLD.receiver_id, OLD.count, OLD.numbers, OLD.numbers_sha256,
        OLD.sent_at, OLD.sent_by, OLD.sent_by_person, OLD.sent_document, OLD.sent_signature)
       OR OLD.received_at IS NOT NULL AND
          (NEW.received_at, NEW.received_by, NEW.received_by_person, NEW.received_count,
           NEW.missing, NEW.extra, NEW.received_document, NEW.received_signature)
          IS DISTINCT FROM
          (OLD.received_at, OLD.received_by, OLD.received_by_person, OLD.received_count,
           OLD.missing, OLD.extra, OLD.received_document, OLD.received_signature)
       OR OLD.state IN ('received', 'settled', 'recalled') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'a signed transfer stays as it was signed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cards_transfer_signed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cards_transfer_guard BEFORE UPDATE ON cards_transfer
    FOR EACH ROW EXECUTE FUNCTION cards_guard_transfer();
"""

UNDO = """
DROP TRIGGER cards_transfer_guard ON cards_transfer;
DROP FUNCTION cards_guard_transfer();
DROP TRIGGER cards_transfer_stays ON cards_transfer;
DROP TRIGGER cards_nothandedover_append_only ON cards_nothandedover;
DROP TRIGGER cards_collection_append_only ON cards_collection;
DROP TRIGGER cards_place_append_only ON cards_place;
DROP TRIGGER cards_posting_append_only ON cards_posting;
DROP TRIGGER cards_posting_balances ON cards_posting;
DROP FUNCTION cards_posting_check();
DROP TRIGGER cards_card_gone ON cards_card;
DROP TRIGGER cards_card_moved ON cards_card;
DROP TRIGGER cards_card_came ON cards_card;
DROP FUNCTION cards_post_gone();
DROP FUNCTION cards_post_moved();
DROP FUNCTION cards_post_came();
DROP TRIGGER cards_card_place ON cards_card;
DROP TRIGGER cards_card_place_new ON cards_card;
DROP FUNCTION cards_keep_place();
DROP FUNCTION cards_place_of(text, bigint, uuid);
"""

# Cards of an installation that ran before: each gets the place that its state says, and the triggers
# post it. Of a card that ended, the family's place if it was handed over, else the office's.
PLACE = """
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE cards_card SET place_id = CASE
    WHEN state = 'printed' THEN cards_place_of('bureau', NULL, NULL)
    WHEN handed_over_at IS NOT NULL THEN cards_place_of('family', village_id, NULL)
    WHEN custodian_device IS NOT NULL THEN cards_place_of('device', NULL, custodian_device)
    ELSE cards_place_of('province', NULL, NULL) END
WHERE state <> 'ordered' AND (print_run_id IS NOT NULL OR state IN ('printed', 'in_custody', 'active'));
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('cards', '0006_print_run'),
        ('registry', '0002_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.TextField()),
                ('amount', models.IntegerField()),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ReplacementVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=betang.core.identifiers.new_uuid, editable=False, unique=True)),
                ('reason', models.TextField()),
                ('asked_by', models.UUIDField(null=True)),
                ('checked', models.TextField(choices=[('identity', 'KTP atau KK asli dicocokkan'), ('questions', 'Pertanyaan tentang keluarga dijawab benar'), ('witness', 'Dikenal ketua RT atau perangkat desa yang hadir')])),
                ('photo_sha256', models.BinaryField(null=True)),
                ('state', models.TextField(choices=[('open', 'Berjalan'), ('done', 'Kartu baru diserahkan'), ('left', 'Dihentikan')], default='open')),
                ('opened_at', models.DateTimeField()),
                ('opened_by_person', models.UUIDField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by_person', models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='TakenOver',
            fields=[
                ('card', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='cards.card')),
                ('printed_number', models.TextField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='TakeOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=betang.core.identifiers.new_uuid, editable=False, unique=True)),
                ('file_sha256', models.BinaryField(unique=True)),
                ('file_name', models.TextField(default='')),
                ('at', models.DateTimeField()),
                ('by_person', models.UUIDField(null=True)),
                ('rows', models.IntegerField()),
                ('taken', models.IntegerField()),
                ('report', models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=betang.core.identifiers.new_uuid, editable=False, unique=True)),
                ('area', models.BigIntegerField(null=True)),
                ('state', models.TextField(choices=[('in_transit', 'Dalam perjalanan'), ('carried', 'Dibawa, belum dihitung penerima'), ('received', 'Diterima lengkap'), ('short', 'Diterima kurang'), ('settled', 'Kekurangannya diselesaikan'), ('recalled', 'Ditarik kembali')])),
                ('count', models.IntegerField()),
                ('numbers', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('numbers_sha256', models.BinaryField()),
                ('sent_at', models.DateTimeField()),
                ('sent_by', models.UUIDField(null=True)),
                ('sent_by_person', models.UUIDField(null=True)),
                ('sent_document', models.TextField()),
                ('sent_kid', models.IntegerField()),
                ('sent_signature', models.BinaryField()),
                ('received_at', models.DateTimeField(null=True)),
                ('received_by', models.UUIDField(null=True)),
                ('received_by_person', models.UUIDField(null=True)),
                ('received_count', models.IntegerField(null=True)),
                ('missing', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('extra', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('reason', models.TextField(default='')),
                ('received_document', models.TextField(default='')),
                ('received_kid', models.IntegerField(null=True)),
                ('received_signature', models.BinaryField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='card',
            name='grade',
            field=models.TextField(choices=[('ours', 'Kartu program ini'), ('foreign_chip', 'Kartu lama dengan cip (dapat disalin)'), ('printed_only', 'Kartu lama, hanya tercetak')], db_default='ours', default='ours'),
        ),
        migrations.CreateModel(
            name='Collection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.UUIDField(unique=True)),
                ('name_index', models.BinaryField()),
                ('device', models.UUIDField()),
                ('on', models.DateField()),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.household')),
                ('village', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
            ],
        ),
        migrations.CreateModel(
            name='HandOverSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=betang.core.identifiers.new_uuid, editable=False, unique=True)),
                ('on', models.DateField()),
                ('device', models.UUIDField()),
                ('officer_person', models.UUIDField(null=True)),
                ('point', models.TextField(default='')),
                ('state', models.TextField(choices=[('open', 'Berjalan'), ('closed', 'Selesai')], default='open')),
                ('invited', models.IntegerField()),
                ('numbers', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('opened_at', models.DateTimeField()),
                ('opened_by_person', models.UUIDField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by_person', models.UUIDField(null=True)),
                ('handed_over', models.IntegerField(null=True)),
                ('brought_back', models.IntegerField(null=True)),
                ('ended', models.IntegerField(null=True)),
                ('village', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
            ],
        ),
        migrations.CreateModel(
            name='NotHandedOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.UUIDField(unique=True)),
                ('device', models.UUIDField()),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('heard_at', models.DateTimeField()),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cards.card')),
            ],
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=betang.core.identifiers.new_uuid, editable=False, unique=True)),
                ('kind', models.TextField(choices=[('press', 'Dicetak'), ('taken_over', 'Diambil alih'), ('bureau', 'Biro kartu'), ('province', 'Kantor provinsi'), ('regency', 'Kantor kabupaten/kota'), ('village', 'Kantor desa/kelurahan'), ('device', 'Gawai petugas'), ('transit', 'Dalam perjalanan'), ('family', 'Keluarga')])),
                ('area', models.BigIntegerField(null=True)),
                ('device', models.UUIDField(null=True)),
                ('transfer', models.UUIDField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'area', 'device', 'transfer'), name='cards_place_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('device__isnull', False), ('kind', 'device')), models.Q(('kind', 'transit'), ('transfer__isnull', False)), models.Q(('area__isnull', False), ('kind__in', ['regency', 'village', 'family'])), ('kind__in', ['press', 'taken_over', 'bureau', 'province']), _connector='OR'), name='cards_place_says_which')],
            },
        ),
        migrations.AddField(
            model_name='card',
            name='place',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cards.place'),
        ),
        migrations.AddIndex(
            model_name='card',
            index=models.Index(condition=models.Q(('state__in', ['blocked', 'replaced', 'returned', 'spoilt'])), fields=['place'], name='cards_ended_by_place'),
        ),
        migrations.AddConstraint(
            model_name='card',
            constraint=models.CheckConstraint(condition=models.Q(('grade__in', ['ours', 'foreign_chip', 'printed_only'])), name='cards_grade_known'),
        ),
        migrations.AddConstraint(
            model_name='card',
            constraint=models.CheckConstraint(condition=models.Q(('grade', 'ours'), models.Q(('personalised_at__isnull', True), ('qr', '')), _connector='OR'), name='cards_foreign_proves_nothing'),
        ),
        migrations.AddField(
            model_name='posting',
            name='place',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cards.place'),
        ),
        migrations.AddField(
            model_name='replacementvisit',
            name='household',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.household'),
        ),
        migrations.AddField(
            model_name='replacementvisit',
            name='new',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cards.card'),
        ),
        migrations.AddField(
            model_name='replacementvisit',
            name='old',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cards.card'),
        ),
        migrations.AddField(
            model_name='takenover',
            name='take_over',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cards.takeover'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='receiver',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cards.place'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='sender',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cards.place'),
        ),
        migrations.AddIndex(
            model_name='collection',
            index=models.Index(fields=['on', 'name_index'], name='cards_collected_by_whom'),
        ),
        migrations.AddIndex(
            model_name='handoversession',
            index=models.Index(fields=['state', '-on'], name='cards_session_by_state'),
        ),
        migrations.AddConstraint(
            model_name='handoversession',
            constraint=models.UniqueConstraint(fields=('village', 'on', 'device'), name='cards_session_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='handoversession',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state', 'open')), models.Q(('closed_at__isnull', False), ('numbers__len', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('handed_over'), '+', models.F('brought_back')), '+', models.F('ended'))), ('state', 'closed')), _connector='OR'), name='cards_session_adds_up'),
        ),
        migrations.AddIndex(
            model_name='nothandedover',
            index=models.Index(fields=['device', 'at'], name='cards_not_handed_by_device'),
        ),
        migrations.AddIndex(
            model_name='posting',
            index=models.Index(fields=['place', 'state'], name='cards_posting_by_place'),
        ),
        migrations.AddConstraint(
            model_name='replacementvisit',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('household',), name='cards_visit_one_open'),
        ),
        migrations.AddConstraint(
            model_name='replacementvisit',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'open'), ('ended_at__isnull', False), _connector='XOR'), name='cards_visit_ends_once'),
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(fields=['state', '-sent_at'], name='cards_transfer_by_state'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('received_by_person__isnull', True), ('sent_by_person__isnull', True), models.Q(('received_by_person', models.F('sent_by_person')), _negated=True), _connector='OR'), name='cards_transfer_takes_two_persons'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('sender', models.F('receiver')), _negated=True), name='cards_transfer_moves'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['in_transit', 'carried', 'recalled']), models.Q(('received_at__isnull', False), ('received_signature__isnull', False)), _connector='OR'), name='cards_transfer_received_is_signed'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'short'), _negated=True), models.Q(('missing', []), _negated=True), _connector='OR'), name='cards_transfer_short_names'),
        ),
        migrations.RunSQL(RULES, UNDO),
        migrations.RunSQL(PLACE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='card',
            constraint=models.CheckConstraint(condition=models.Q(('place__isnull', False), models.Q(('state__in', ['printed', 'in_custody', 'active']), _negated=True), _connector='OR'), name='cards_printed_is_somewhere'),
        ),
    ]
