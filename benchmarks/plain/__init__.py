"""The plain market in parts: people, firms, and the nine stages of a month. Start with `plain_market.py`."""
