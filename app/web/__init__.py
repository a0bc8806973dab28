"""The web page: the same as the command line, for a browser.

Streamlit puts this folder first on the path, so no file in it may be named like a package. Only the files that it runs,
`start_page.py`, `ask_page.py` and `history_page.py`, and the views that they call, import Streamlit.
"""
