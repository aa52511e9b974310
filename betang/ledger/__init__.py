"""What is owed and held, in rupiah and in goods: accounts and postings that always balance."""
