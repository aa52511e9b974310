"""What is promised: programme, benefit, cycle and the dated rule set."""
