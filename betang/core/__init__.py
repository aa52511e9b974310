"""What a thing *is*: pure Python that a phone, a print bureau and an auditor can run as well."""
