import betang.core.identifiers
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

GUARDS = """
-- What was proposed keeps its content; what was approved stays as it is, and only retires.
CREATE FUNCTION cards_guard_design() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'design versions are never deleted'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cards_design_stays';
    END IF;
    IF OLD.state || '>' || NEW.state NOT IN (
        'draft>draft', 'draft>proposed', 'draft>discarded', 'proposed>draft', 'proposed>approved',
        'approved>retired'
    ) THEN
        RAISE EXCEPTION 'a design goes from draft to proposed, approved and retired'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cards_design_moves_on';
    END IF;
    IF (NEW.slug, NEW.number, NEW.made_by_person) IS DISTINCT FROM (OLD.slug, OLD.number, OLD.made_by_person)
       OR OLD.state <> 'draft' AND (NEW.content, NEW.digest, NEW.programme_id)
          IS DISTINCT FROM (OLD.content, OLD.digest, OLD.programme_id)
       OR OLD.state = 'proposed' AND NEW.state = 'approved'
          AND NEW.proposed_by_person IS DISTINCT FROM OLD.proposed_by_person
       OR OLD.state = 'approved'
          AND (NEW.proposed_by_person, NEW.proposed_at, NEW.approved_by_person, NEW.approved_at)
          IS DISTINCT FROM (OLD.proposed_by_person, OLD.proposed_at, OLD.approved_by_person, OLD.approved_at) THEN
        RAISE EXCEPTION 'a design that was proposed is what it was proposed as'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cards_design_fixed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER cards_design_fixed BEFORE UPDATE OR DELETE ON cards_designversion
    FOR EACH ROW EXECUTE FUNCTION cards_guard_design();
CREATE TRIGGER cards_designpicture_append_only BEFORE UPDATE OR DELETE ON cards_designpicture
    FOR EACH STATEMENT EXECUTE FUNCTION cards_keep();
"""

UNDO = """
DROP TRIGGER cards_designpicture_append_only ON cards_designpicture;
DROP TRIGGER cards_design_fixed ON cards_designversion;
DROP FUNCTION cards_guard_design();
"""


class Migration(migrations.Migration):
    dependencies = [("cards", "0004_chip_written"), ("programmes", "0004_withdrawal_rules")]

    operations = [
        migrations.CreateModel(
            name='DesignPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('form', models.TextField(choices=[('png', 'Png'), ('paths', 'Paths')])),
                ('width', models.IntegerField()),
                ('height', models.IntegerField()),
                ('content', models.BinaryField()),
                ('kept_by_person', models.UUIDField()),
                ('kept_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='cards_picture_name_form'), models.CheckConstraint(condition=models.Q(('form__in', ['png', 'paths']), ('height__gte', 1), ('width__gte', 1)), name='cards_picture_form_known')],
            },
        ),
        migrations.CreateModel(
            name='DesignVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=betang.core.identifiers.new_uuid, editable=False, unique=True)),
                ('slug', models.CharField(max_length=30)),
                ('number', models.SmallIntegerField()),
                ('state', models.TextField(choices=[('draft', 'Draf'), ('proposed', 'Menunggu orang kedua'), ('approved', 'Disetujui'), ('retired', 'Tidak dipakai lagi'), ('discarded', 'Dibuang')], default='draft')),
                ('content', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('step', models.IntegerField(default=1)),
                ('based_on', models.TextField(default='')),
                ('made_by_person', models.UUIDField()),
                ('made_at', models.DateTimeField()),
                ('proposed_by_person', models.UUIDField(null=True)),
                ('proposed_at', models.DateTimeField(null=True)),
                ('approved_by_person', models.UUIDField(null=True)),
                ('approved_at', models.DateTimeField(null=True)),
                ('retired_by_person', models.UUIDField(null=True)),
                ('retired_at', models.DateTimeField(null=True)),
                ('returned_reason', models.TextField(default='')),
                ('programme', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.programme')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('slug', 'number'), name='cards_design_name_once'),
                    models.CheckConstraint(condition=Q(slug__regex='^[a-z][a-z0-9]*(-[a-z0-9]+)*$', number__gte=1), name='cards_design_name_form'),
                    models.CheckConstraint(condition=~Q(slug='rumah-panjang', number=1), name='cards_design_first_is_ours'),
                    models.CheckConstraint(condition=Q(state__in=['draft', 'proposed', 'approved', 'retired', 'discarded']), name='cards_design_state_known'),
                    models.CheckConstraint(condition=Q(digest__regex='^[0-9a-f]{64}$'), name='cards_design_digest_form'),
                    models.CheckConstraint(
                        condition=~Q(state='proposed') | Q(proposed_by_person__isnull=False, proposed_at__isnull=False),
                        name='cards_design_proposed_by_somebody',
                    ),
                    models.CheckConstraint(
                        condition=~Q(state__in=['approved', 'retired'])
                        | Q(proposed_by_person__isnull=False, approved_by_person__isnull=False, approved_at__isnull=False)
                        & ~Q(approved_by_person=F('proposed_by_person')),
                        name='cards_design_needs_a_second_person',
                    ),
                    models.CheckConstraint(
                        condition=~Q(state='retired') | Q(retired_by_person__isnull=False, retired_at__isnull=False),
                        name='cards_design_retired_by_somebody',
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name='DesignStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.IntegerField()),
                ('content', models.JSONField()),
                ('person', models.UUIDField()),
                ('at', models.DateTimeField()),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='cards.designversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'step'), name='cards_design_step_once')],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ]
