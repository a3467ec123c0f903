"""The class game: teams run rival firms, round by round; the instructor advances the rounds.

`game` is the pure state machine, `markets` plays a round, `store` keeps the game in a folder, `desk` is what an
instructor does with it; `tenfold class` calls the desk.
"""
