"""The SQL condition that a village lies in an area of any level, by arithmetic on its code."""

#: Parameter `area` is a Kemendagri number or null (everywhere); `{0}` is the village's column.
WITHIN = (
    "(%(area)s::bigint IS NULL OR %(area)s IN ({0}, {0} / 10000, {0} / 1000000, {0} / 100000000))"
)
