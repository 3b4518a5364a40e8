"""What the vendor's wiki offers, page by page, but for creating queries and sending templates."""

DOCUMENTED = """
API overview   POST  /api/v1/user/login
Stats          GET   /api/v1/{codename}/stats/operator
Stats          GET   /api/v1/{codename}/stats/nps/export
Stats          GET   /api/v1/{codename}/stats/bigquery
Queries        GET   /api/v1/{codename}/query
Conversations  GET   /api/v1/{codename}/messageuser
"""

PARAMETERS = """
/api/v1/{codename}/stats/operator    startDate
/api/v1/{codename}/stats/operator    endDate
/api/v1/{codename}/stats/nps/export  startDate
/api/v1/{codename}/stats/nps/export  endDate
/api/v1/{codename}/stats/nps/export  typeUser
/api/v1/{codename}/stats/bigquery    startDate
/api/v1/{codename}/stats/bigquery    endDate
/api/v1/{codename}/stats/bigquery    dateFormatGroup
/api/v1/{codename}/stats/bigquery    queryName
/api/v1/{codename}/query             skip
/api/v1/{codename}/query             limit
/api/v1/{codename}/query             query
/api/v1/{codename}/messageuser       skip
/api/v1/{codename}/messageuser       limit
/api/v1/{codename}/messageuser       query
"""
