"""受取予約: what is asked, offered, agreed and read back while a citizen is on the telephone.

`eras`, `birth_date`, `names`, `bringing` and `read_back` are pure: days and instants are handed in.
"""
