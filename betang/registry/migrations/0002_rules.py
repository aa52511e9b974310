"""The household number (nine digits and Luhn) is made in the database, so that a merge stays one statement.

The sequence is walked in a full cycle over 900,000,000 numbers (the multiplier has no factor in common with
it): neighbours in the list do not get neighbouring numbers, and no number begins with 0, which a spreadsheet
would eat. `betang.core.identity.household_number` is the Python twin; a test holds the two together.
"""

from django.db import migrations

FORWARD = """
CREATE SCHEMA IF NOT EXISTS staging;

CREATE SEQUENCE registry_household_serial;

CREATE FUNCTION registry_household_number(serial bigint) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (100000000 + serial * 618033989 % 900000000)::text || ((10 - (
      ((100000000 + serial * 618033989 % 900000000) / 10) % 10
      + ((100000000 + serial * 618033989 % 900000000) / 1000) % 10
      + ((100000000 + serial * 618033989 % 900000000) / 100000) % 10
      + ((100000000 + serial * 618033989 % 900000000) / 10000000) % 10
      + 2 * ((100000000 + serial * 618033989 % 900000000) / 1 % 10) - 9 * ((100000000 + serial * 618033989 % 900000000) / 1 % 10 / 5)
      + 2 * ((100000000 + serial * 618033989 % 900000000) / 100 % 10) - 9 * ((100000000 + serial * 618033989 % 900000000) / 100 % 10 / 5)
      + 2 * ((100000000 + serial * 618033989 % 900000000) / 10000 % 10) - 9 * ((100000000 + serial * 618033989 % 900000000) / 10000 % 10 / 5)
      + 2 * ((100000000 + serial * 618033989 % 900000000) / 1000000 % 10) - 9 * ((100000000 + serial * 618033989 % 900000000) / 1000000 % 10 / 5)
      + 2 * ((100000000 + serial * 618033989 % 900000000) / 100000000 % 10) - 9 * ((100000000 + serial * 618033989 % 900000000) / 100000000 % 10 / 5)
    ) % 10) % 10)::text
$$;

ALTER TABLE registry_household ADD CONSTRAINT registry_household_number_form
  CHECK (number ~ '^[1-9][0-9]{9}$');
ALTER TABLE registry_household ALTER COLUMN number
  SET DEFAULT registry_household_number(nextval('registry_household_serial'));
ALTER TABLE registry_household ALTER COLUMN uuid SET DEFAULT gen_random_uuid();
"""

BACKWARD = """
ALTER TABLE registry_household ALTER COLUMN uuid DROP DEFAULT;
ALTER TABLE registry_household ALTER COLUMN number DROP DEFAULT;
ALTER TABLE registry_household DROP CONSTRAINT registry_household_number_form;
DROP FUNCTION registry_household_number(bigint);
DROP SEQUENCE registry_household_serial;
"""


class Migration(migrations.Migration):
    """Numbers for households."""

    dependencies = (("registry", "0001_initial"),)

    operations = (migrations.RunSQL(FORWARD, BACKWARD),)
