"""Attacks on Tenfold: hostile numbers, files, rules and names, and worlds at the ends of every range."""
