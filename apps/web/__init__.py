"""The server-rendered pages: the product for people who have no other front end (contract PG).

Here are requests, forms and templates by group of pages; rules are not: an act calls the service that the API calls, as
origin `page`, and nothing imports this app. Begin with `base/views.py`.
"""
