"""The card's life: issue, print, custody, hand over, presentation, block, replace, revoke."""
