"""What the vendor's wiki offers, page by page, but for creating queries and sending templates."""

DOCUMENTED = """
API overview   POST  /api/v1/user/login
Stats          GET   /api/v1/{codename}/stats/operator
Stats          GET   /api/v1/{codename}/stats/nps/export
Stats          GET   /api/v1/{codename}/stats/bigquery
Queries        GET   /api/v1/{codename}/query
Conversations  GET   /api/v1/{codename}/messageuser
"""
